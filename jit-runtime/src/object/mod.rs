//! From object bytes to executable code.

#[cfg(test)]
mod test_objects;
