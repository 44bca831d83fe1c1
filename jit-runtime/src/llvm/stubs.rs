//! One jump stub for each LLVM C function, so that inkwell links although LLVM is opened only at run time.
//!
//! A stub loads its slot and jumps to what it holds. The slots lie in `.bss`, zero until `load` fills them: no relocation
//! and no page is touched in a program that never compiles. The stub of an empty slot goes to `missing_function`, which
//! names the function and aborts. The symbols are hidden: no executable or cdylib exports them, and nothing can interpose them.
//! Registers: x86-64 leaves r11 and AArch64 leaves x16 to code between a call and its callee.

use std::sync::atomic::{AtomicPtr, Ordering};

use super::functions::with_stub_names;

macro_rules! define_names {
    ($($name:ident)*) => {
        /// The names of all stubs, in the order of their slots, each followed by a newline: one string needs no relocations.
        const NAMES: &str = concat!($(stringify!($name), "\n"),*);
        /// How many stubs there are.
        const COUNT: usize = [$(stringify!($name)),*].len();
    };
}
with_stub_names!(define_names);

/// All names that have a stub, sorted; the index of a name is the index of its slot.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    NAMES.lines()
}

#[cfg(hotloop_llvm = "open")]
unsafe extern "C" {
    /// The assembly's table of slots; naming it here also makes every linker take the object that holds the stubs.
    #[link_name = "hotloop_llvm_slots"]
    static SLOTS: [AtomicPtr<()>; COUNT];
}

/// Without stubs in assembly nothing fills or reads the slots.
#[cfg(not(hotloop_llvm = "open"))]
static SLOTS: [AtomicPtr<()>; COUNT] = [const { AtomicPtr::new(std::ptr::null_mut()) }; COUNT];

/// The slots, in the order of `names`.
pub(super) fn slots() -> &'static [AtomicPtr<()>; COUNT] {
    #[cfg_attr(not(hotloop_llvm = "open"), allow(unused_unsafe))]
    // SAFETY: the assembly below reserves 8 zero bytes for each name, aligned to 8, which is what `[AtomicPtr; COUNT]` is,
    // and only Rust code writes them, through the atomics.
    unsafe {
        &SLOTS
    }
}

/// Where a stub without a function ends: says which, and aborts, as there is nothing that could be returned to inkwell.
#[cfg_attr(hotloop_llvm = "link", allow(dead_code))]
extern "C" fn missing_function(slot: *const AtomicPtr<()>) -> ! {
    let index =
        (slot as usize).wrapping_sub(slots().as_ptr() as usize) / size_of::<AtomicPtr<()>>();
    let name = names().nth(index).unwrap_or("an unknown function");
    let why = if slots()
        .iter()
        .all(|slot| slot.load(Ordering::Relaxed).is_null())
    {
        "no LLVM has been loaded: `llvm::load` must succeed first"
    } else if cfg!(debug_assertions) {
        "it is not in `REQUIRED` (llvm/required.rs), and debug builds resolve nothing else"
    } else {
        "the LLVM that was loaded does not have it"
    };
    eprintln!("hotloop: {name} was called, but {why}");
    std::process::abort();
}

#[cfg(all(hotloop_llvm = "open", target_arch = "x86_64"))]
macro_rules! define_stubs {
    ($($name:ident)*) => {
        std::arch::global_asm!(
            ".macro hotloop_llvm_stub name",
            "    .pushsection .bss.hotloop_llvm_slots,\"aw\",@nobits",
            ".Lhotloop_slot_\\name: .zero 8",
            "    .popsection",
            "    .globl \\name",
            "    .hidden \\name",
            "    .type \\name,@function",
            "\\name:",
            "    movq .Lhotloop_slot_\\name(%rip), %r11",
            "    testq %r11, %r11",
            "    jz .Lhotloop_missing_\\name",
            "    jmpq *%r11",
            ".Lhotloop_missing_\\name:",
            "    leaq .Lhotloop_slot_\\name(%rip), %rdi",
            "    jmp {missing}",
            "    .size \\name, . - \\name",
            ".endm",
            ".pushsection .bss.hotloop_llvm_slots,\"aw\",@nobits",
            "    .p2align 3",
            "    .globl hotloop_llvm_slots",
            "    .hidden hotloop_llvm_slots",
            "hotloop_llvm_slots:",
            ".popsection",
            ".pushsection .text.hotloop_llvm_stubs,\"ax\",@progbits",
            $(concat!("hotloop_llvm_stub ", stringify!($name)),)*
            ".popsection",
            ".purgem hotloop_llvm_stub",
            missing = sym missing_function,
            options(att_syntax),
        );
    };
}

#[cfg(all(hotloop_llvm = "open", target_arch = "aarch64"))]
macro_rules! define_stubs {
    ($($name:ident)*) => {
        std::arch::global_asm!(
            ".macro hotloop_llvm_stub name",
            "    .pushsection .bss.hotloop_llvm_slots,\"aw\",@nobits",
            ".Lhotloop_slot_\\name: .zero 8",
            "    .popsection",
            "    .globl \\name",
            "    .hidden \\name",
            "    .type \\name,@function",
            "\\name:",
            "    adrp x16, .Lhotloop_slot_\\name",
            "    ldr x16, [x16, :lo12:.Lhotloop_slot_\\name]",
            "    cbz x16, .Lhotloop_missing_\\name",
            "    br x16",
            ".Lhotloop_missing_\\name:",
            "    adrp x0, .Lhotloop_slot_\\name",
            "    add x0, x0, :lo12:.Lhotloop_slot_\\name",
            "    b {missing}",
            "    .size \\name, . - \\name",
            ".endm",
            ".pushsection .bss.hotloop_llvm_slots,\"aw\",@nobits",
            "    .p2align 3",
            "    .globl hotloop_llvm_slots",
            "    .hidden hotloop_llvm_slots",
            "hotloop_llvm_slots:",
            ".popsection",
            ".pushsection .text.hotloop_llvm_stubs,\"ax\",@progbits",
            "    .p2align 2",
            $(concat!("hotloop_llvm_stub ", stringify!($name)),)*
            ".popsection",
            ".purgem hotloop_llvm_stub",
            missing = sym missing_function,
        );
    };
}

/// Platforms without an assembly table: functions that only abort, so that a program links, and `load` refuses before a call.
#[cfg(hotloop_llvm = "none")]
macro_rules! define_stubs {
    ($($name:ident)*) => {
        mod none {
            $(
                // SAFETY: the name is LLVM's own and no LLVM is linked, so nothing else defines it.
                #[unsafe(no_mangle)]
                extern "C" fn $name() -> ! {
                    super::missing_function(std::ptr::null())
                }
            )*
        }
    };
}

#[cfg(not(hotloop_llvm = "link"))]
with_stub_names!(define_stubs);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_match_the_slots() {
        let names: Vec<_> = names().collect();
        assert_eq!(names.len(), COUNT);
        assert!(names.is_sorted_by(|a, b| a < b));
    }
}
