data_dir = "/srv/small"
