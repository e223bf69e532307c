"""Tests against a real model server: llama.cpp's, with a tiny model of random weights (server.py, model.py)."""
