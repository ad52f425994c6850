"""The accuracy of a network on images and labels."""


def evaluate(network, images, labels):
    was_training = network.training
    network.eval()
    try:
        answers = network(images).argmax(axis=1)
    finally:
        network.train(was_training)
    return float((answers == labels).sum()) / len(labels)
