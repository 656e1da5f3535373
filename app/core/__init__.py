"""Floor 0: knows nothing of the business."""
