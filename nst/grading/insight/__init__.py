"""What has the class not understood? Pages for whoever teaches it, made of the judge's records. No mark is in them."""
