"""What filters and deduplication share: one segmentation, one way of hashing, one shape of a document."""
