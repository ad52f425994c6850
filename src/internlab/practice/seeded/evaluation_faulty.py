"""The accuracy of a network on images and labels."""


def evaluate(network, images, labels):
    answers = network(images).argmax(axis=1)
    return float((answers == labels).sum()) / len(labels)
