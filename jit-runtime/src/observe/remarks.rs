//! LLVM's remarks: `loop:3:12:5: vectorized loop (vectorization width: 8, interleaved count: 4)`.

use std::ffi::CString;
use std::sync::Once;

use inkwell::llvm_sys::support::LLVMParseCommandLineOptions;

use crate::codegen::LOOP_FILE;

/// A remark of LLVM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LlvmRemark {
    /// The loop that it is about, by its number in the outline.
    pub(crate) number: usize,
    /// The line and column that it names; 0 if it names none.
    pub(crate) position: (u32, u32),
    /// Its text.
    pub(crate) text: String,
}

/// Reads a remark. `None` if it is about no loop.
pub(crate) fn parse_remark(description: &str) -> Option<LlvmRemark> {
    let rest = description.strip_prefix(LOOP_FILE)?;
    let (number, rest) = rest.split_once(':')?;
    let (line, rest) = rest.split_once(':')?;
    let (column, text) = rest.split_once(':')?;
    Some(LlvmRemark {
        number: number.parse().ok()?,
        position: (line.parse().ok()?, column.parse().ok()?),
        text: text.trim().to_owned(),
    })
}

/// Makes LLVM compose the remarks that reports show. That is an option of the whole process and cannot be taken back, so it is set when the
/// first report is asked for; compilations of others make remarks then that nobody reads. While they run, it must not be set: the caller
/// sees to that. LLVM must be loaded.
pub(crate) fn enable_remarks() {
    const OPTIONS: [&str; 4] = [
        "hotloop",
        "-pass-remarks=^(loop-vectorize|loop-unroll)$",
        "-pass-remarks-missed=^loop-vectorize$",
        "-pass-remarks-analysis=^loop-vectorize$",
    ];
    static ENABLED: Once = Once::new();
    ENABLED.call_once(|| {
        let options = OPTIONS.map(|option| CString::new(option).unwrap_or_default());
        let arguments = options.each_ref().map(|option| option.as_ptr());
        // SAFETY: LLVM is loaded, and nothing of it runs meanwhile, says the caller; as many C strings as are said, which LLVM reads during
        // the call.
        unsafe {
            LLVMParseCommandLineOptions(
                arguments.len() as i32,
                arguments.as_ptr(),
                std::ptr::null(),
            );
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_name_their_loop() {
        let remark = parse_remark("loop:3:12:5: loop not vectorized: a: b").unwrap();
        assert_eq!((remark.number, remark.position), (3, (12, 5)));
        assert_eq!(remark.text, "loop not vectorized: a: b");
        assert_eq!(parse_remark("<unknown>:0:0: something"), None);
        assert_eq!(parse_remark("hotloop:1:2: something"), None);
        assert_eq!(parse_remark("loop:x:1:2: something"), None);
    }
}
