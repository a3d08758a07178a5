"""What is new for saved searches: for mail, feed readers and programs."""
