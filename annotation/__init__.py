"""People's judgements: the coded corpus, stand-off tags, agreement, adjudication."""
