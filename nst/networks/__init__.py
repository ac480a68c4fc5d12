"""What computes activations: VGG-19, SqueezeNet, FaceNet and a small encoder of faces."""
