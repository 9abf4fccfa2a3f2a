"""Pure: frames in, frames out. No file, no network, no clock."""
