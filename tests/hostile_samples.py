"""One good example of each kind, to be damaged."""

File = tuple[str, bytes]
MIB = 1024 * 1024
TALK = "T: How was your week?\nC: Not good.\nT: What happened?\nC: I don't want to talk about it.\n"
VTT = (
    "WEBVTT\n\n1\n00:00:01.000 --> 00:00:03.000\nAnna: Hello.\n\n2\n00:00:04.000 --> 00:00:06.000\nBen: Hi.\n"
)
SRT = "1\n00:00:01,000 --> 00:00:03,000\nAnna: Hello.\n\n2\n00:00:04,000 --> 00:00:06,000\nBen: Hi.\n"
CSV = 'speaker,text\ntherapist,"How are you, today?"\nclient,"Fine, I guess."\n'
CHA = "@UTF8\n@Begin\n@Participants:\tTHE Therapist, CLI Client\n*THE:\thow are you ?\n*CLI:\tfine .\n@End\n"
EAF = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" '
    'TIME_VALUE="0"/><TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="900"/></TIME_ORDER>'
    '<TIER TIER_ID="T"><ANNOTATION><ALIGNABLE_ANNOTATION TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">'
    "<ANNOTATION_VALUE>Hello.</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>"
)
OWN = {
    "id": "x",
    "turns": [
        {"index": 0, "speaker": "therapist", "text": "Hi."},
        {"index": 1, "speaker": "client", "text": "No."},
    ],
}
AWS = {
    "jobName": "j",
    "results": {
        "speaker_labels": {
            "segments": [
                {"speaker_label": "spk_0", "items": [{"start_time": "0.1", "speaker_label": "spk_0"}]}
            ]
        },
        "items": [
            {
                "type": "pronunciation",
                "start_time": "0.1",
                "end_time": "0.3",
                "alternatives": [{"content": "Hi"}],
            }
        ],
    },
}
DEEPGRAM = {
    "results": {
        "channels": [],
        "utterances": [{"speaker": 0, "transcript": "Hi."}, {"speaker": 1, "transcript": "No."}],
    }
}
ASSEMBLYAI = {
    "audio_url": "x",
    "utterances": [{"speaker": "A", "text": "Hi."}, {"speaker": "B", "text": "No."}],
    "words": [],
}
WHISPERX = {
    "segments": [{"speaker": "SPEAKER_00", "text": "Hi."}, {"speaker": "SPEAKER_01", "text": "No."}],
    "word_segments": [],
}
