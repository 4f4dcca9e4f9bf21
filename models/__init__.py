"""Trained models: inputs, tagger, training, evaluation, artefacts."""
