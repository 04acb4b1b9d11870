"""What happens in a pair's life, as generators that yield steps and receive results."""
