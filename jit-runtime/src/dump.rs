//! `HOTLOOP_DUMP`: what was compiled, as files.
//!
//! `<dir>/<module>-<function>-<signature>/NN-<stage>.<ext>`, numbered in the order of the stages, so that two dumps can be compared.

use std::fs;
use std::io;
use std::path::Path;

use crate::compile::Specialization;
use crate::config::config;
use crate::events::tell;

/// Writes the stages that the environment asks for. A file that cannot be written is warned about; nothing depends on it.
pub(crate) fn write(
    captured: &str,
    specialized: Option<String>,
    specialization: &Specialization,
    llvm_before: Option<&str>,
    llvm_after: Option<&str>,
) {
    let config = config();
    let mut files = Vec::new();
    if config.dump.ir {
        files.push(("00-captured.ir", captured.to_owned()));
        files.extend(specialized.map(|text| ("01-specialized.ir", text)));
        files.push(("02-transformed.ir", specialization.ir()));
    }
    if config.dump.llvm {
        for (name, text) in [
            ("03-lowered.ll", llvm_before),
            ("04-optimized.ll", llvm_after),
        ] {
            if let Some(text) = text {
                files.push((name, text.to_owned()));
            }
        }
    }
    if config.dump.asm
        && let Ok(text) = specialization.asm()
    {
        files.push(("05-loaded.s", text));
    }
    let folder = config.dump_dir.join(folder_name(
        specialization.module(),
        specialization.signature(),
    ));
    if let Err(error) = write_files(&folder, &files) {
        tell!(
            Warn,
            "hotloop: cannot write to `{}`: {error}",
            folder.display()
        );
    }
}

fn write_files(folder: &Path, files: &[(&str, String)]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    files
        .iter()
        .try_for_each(|(name, text)| fs::write(folder.join(name), text))
}

/// `my_crate.kernels-dot-f64-slice_f64-slice_f64-f64` for `dot<f64>(&[f64], &[f64]) -> f64`: letters, digits, `.`, `_` and `-`.
fn folder_name(module: &str, signature: &str) -> String {
    let words = signature
        .replace("&mut [", "[mut_")
        .replace("&[", "[")
        .replace('[', "slice_");
    let mut name = module.replace("::", ".");
    for word in words.split(|c: char| !(c.is_alphanumeric() || c == '_')) {
        if !word.is_empty() {
            name.push('-');
            name.push_str(word);
        }
    }
    // A name may have 255 bytes on most file systems.
    let mut end = name.len().min(200);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_names_have_no_special_characters() {
        assert_eq!(
            folder_name(
                "my_crate::kernels",
                "dot<f64>(&[f64], &mut [f64]) -> (f64, u8)"
            ),
            "my_crate.kernels-dot-f64-slice_f64-slice_mut_f64-f64-u8"
        );
        assert_eq!(folder_name("", &"x".repeat(300)).len(), 200);
    }
}
