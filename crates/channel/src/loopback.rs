//! Channels behind their JSON form.
