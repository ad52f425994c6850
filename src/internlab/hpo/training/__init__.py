"""What is tuned: tiles, augmentation, network, measure, and the objective `train_buildings`."""
