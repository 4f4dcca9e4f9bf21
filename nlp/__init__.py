"""What a session is and what we find in it: readers, segmentation, codebook, tags, ruptures, repair."""
