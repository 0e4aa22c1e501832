"""What came of a campaign, read from a file: results of posts, creators or offers as columns."""
