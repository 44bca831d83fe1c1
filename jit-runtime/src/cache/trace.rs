//! What a process asked the cache for, in a file: so `hotloop cache why` learns what a program would hit and miss.
//!
//! A record is its length in bytes (u32, little-endian) and the postcard of an [`Asked`]. It is appended by one write, so that threads and
//! processes can share the file.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::entry::FileId;
use super::key::{Key, Part};

/// One question, and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The function with its module.
    pub path: String,
    /// What would have decided the code.
    pub parts: Vec<Part>,
    /// The LLVM that compiles in that process.
    pub llvm_file: Option<FileId>,
    /// What was found.
    pub answer: Answer,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// An entry of the user's own folder.
    Hit,
    /// An entry of a layer.
    Layer,
    /// Nothing.
    Miss,
    /// An entry that cannot be used, and why.
    Refused(String),
}

impl Asked {
    /// The key that was asked for.
    pub fn key(&self) -> Key {
        Key::of(&self.parts)
    }

    /// Adds it to a file. What cannot be written is left out.
    pub(super) fn append_to(&self, file: &Path) {
        let Ok(bytes) = postcard::to_allocvec(self) else {
            return;
        };
        let Ok(length) = u32::try_from(bytes.len()) else {
            return;
        };
        let record = [&length.to_le_bytes()[..], &bytes].concat();
        if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(file) {
            let _ = file.write_all(&record);
        }
    }
}

/// The records of a file; what is behind the first that makes no sense is left out.
pub fn read(mut bytes: &[u8]) -> Vec<Asked> {
    let mut all = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk() {
        let length = u32::from_le_bytes(*length) as usize;
        let Some(asked) = (rest.get(..length)).and_then(|record| postcard::from_bytes(record).ok())
        else {
            break;
        };
        all.push(asked);
        bytes = &rest[length..];
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_up_to_the_first_that_is_cut() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("trace");
        let asked = |answer| Asked {
            path: "m::f".to_owned(),
            parts: Vec::new(),
            llvm_file: None,
            answer,
        };
        let all = [asked(Answer::Hit), asked(Answer::Refused("why".to_owned()))];
        all.iter().for_each(|asked| asked.append_to(&file));
        let bytes = std::fs::read(&file).unwrap();
        assert_eq!(read(&bytes), all);
        assert_eq!(read(&bytes[..bytes.len() - 1]), all[..1]);
        assert_eq!(read(&[255; 40]), []);
    }
}
