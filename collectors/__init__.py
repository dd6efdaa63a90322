"""Collection: sources, decoders, normalizers, delivery. Bytes come in, events come out, nothing is lost on the way."""
