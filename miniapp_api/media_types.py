"""The types of answers that are files."""

ZIP = "application/zip"
PROTOBUF = "application/x-protobuf"
FILES = (ZIP, PROTOBUF)
