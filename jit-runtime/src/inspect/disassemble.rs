//! Machine code as text, without LLVM, so that code from the cache can be read too.

use std::collections::BTreeMap;
use std::fmt::Write;

/// What lies at an address: for the targets of calls and for constants.
type NameOf<'a> = &'a dyn Fn(u64) -> Option<String>;

/// The instructions of `code`, which runs at `address`, one a line after its offset in hexadecimal.
///
/// `name_of` gives the name of what lies at an address, if it has one: functions are headed by it, and calls and loads of constants
/// show it. Targets of jumps inside `code` get labels `.L1`, `.L2` and so on. x86-64 is in Intel syntax. On machines other than
/// x86-64 and AArch64 the text has the bytes alone.
pub fn disassemble(code: &[u8], address: u64, name_of: &dyn Fn(u64) -> Option<String>) -> String {
    disassemble_lines(code, address, name_of, &|_| None)
}

/// The file and the line of the instruction at an offset.
type LineOf<'a> = &'a dyn Fn(u64) -> Option<(&'a str, u32)>;

/// The same, with a remark wherever other lines of the source begin.
pub(super) fn disassemble_lines(
    code: &[u8],
    address: u64,
    name_of: &dyn Fn(u64) -> Option<String>,
    line_of: LineOf<'_>,
) -> String {
    #[cfg(target_arch = "x86_64")]
    let lines = x86_64::lines(code, address, name_of);
    #[cfg(target_arch = "aarch64")]
    let lines = aarch64::lines(code, address, name_of);
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let lines = bytes::lines(code, address);
    print(&lines, address, name_of, line_of)
}

/// The instructions by their addresses, with the labels put in.
struct Lines {
    instructions: BTreeMap<u64, String>,
    labels: Labels,
}

/// The targets of jumps, by address, with the numbers of their labels.
type Labels = BTreeMap<u64, usize>;

/// Numbers the targets that are the start of an instruction.
fn number_labels(targets: impl Iterator<Item = u64>, is_start: impl Fn(u64) -> bool) -> Labels {
    let targets: std::collections::BTreeSet<u64> =
        targets.filter(|target| is_start(*target)).collect();
    targets.into_iter().zip(1..).collect()
}

/// What to write for an address that an instruction refers to, if it has a name or a label.
fn name_target(target: u64, labels: &Labels, name_of: NameOf<'_>) -> Option<String> {
    name_of(target).or_else(|| labels.get(&target).map(|number| format!(".L{number}")))
}

/// The listing.
fn print(lines: &Lines, address: u64, name_of: NameOf<'_>, line_of: LineOf<'_>) -> String {
    let mut text = String::new();
    let mut current = None;
    for (at, instruction) in &lines.instructions {
        // Writing to a string cannot fail.
        if let Some(name) = name_of(*at) {
            let _ = writeln!(text, "{name}:");
        } else if let Some(number) = lines.labels.get(at) {
            let _ = writeln!(text, ".L{number}:");
        }
        if let Some((file, line)) = line_of(at - address)
            && current != Some((file, line))
        {
            let _ = writeln!(text, "        ; {file}:{line}");
            current = Some((file, line));
        }
        let _ = writeln!(text, "{:6x}  {instruction}", at - address);
    }
    text
}

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use iced_x86::{
        Decoder, DecoderOptions, FlowControl, Formatter, Instruction, IntelFormatter,
        SymbolResolver, SymbolResult,
    };

    use super::*;

    pub(super) fn lines(code: &[u8], address: u64, name_of: NameOf<'_>) -> Lines {
        let decode = || Decoder::with_ip(64, code, address, DecoderOptions::NONE);
        let starts: std::collections::HashSet<u64> = decode()
            .iter()
            .map(|instruction| instruction.ip())
            .collect();
        let jumps = decode().into_iter().filter(|instruction| {
            matches!(
                instruction.flow_control(),
                FlowControl::ConditionalBranch | FlowControl::UnconditionalBranch
            ) && instruction.near_branch_target() != 0
        });
        let targets = jumps.map(|instruction| instruction.near_branch_target());
        let labels = number_labels(targets, |target| {
            starts.contains(&target) && name_of(target).is_none()
        });

        let mut names = std::collections::HashMap::new();
        for instruction in &mut decode() {
            for target in referenced(&instruction) {
                if let Some(name) = name_target(target, &labels, name_of) {
                    names.insert(target, name);
                }
            }
        }
        let mut formatter = IntelFormatter::with_options(Some(Box::new(Names(names))), None);
        let options = formatter.options_mut();
        options.set_space_after_operand_separator(true);
        options.set_hex_prefix("0x");
        options.set_hex_suffix("");
        options.set_uppercase_hex(false);
        options.set_branch_leading_zeros(false);
        options.set_show_branch_size(false);
        let mut instructions = BTreeMap::new();
        for instruction in &mut decode() {
            let mut text = String::new();
            formatter.format(&instruction, &mut text);
            instructions.insert(instruction.ip(), text);
        }
        Lines {
            instructions,
            labels,
        }
    }

    /// The addresses that an instruction names: where it jumps to, and the memory it reaches from its own address.
    fn referenced(instruction: &Instruction) -> impl Iterator<Item = u64> {
        let branch = Some(instruction.near_branch_target()).filter(|target| *target != 0);
        let memory = instruction
            .is_ip_rel_memory_operand()
            .then(|| instruction.ip_rel_memory_address());
        branch.into_iter().chain(memory)
    }

    /// The names of the addresses that the code refers to.
    struct Names(std::collections::HashMap<u64, String>);

    impl SymbolResolver for Names {
        fn symbol(
            &mut self,
            instruction: &Instruction,
            _operand: u32,
            _instruction_operand: Option<u32>,
            address: u64,
            _address_size: u32,
        ) -> Option<SymbolResult<'_>> {
            // A constant that happens to equal an address is no reference to it.
            let name = self
                .0
                .get(&address)
                .filter(|_| referenced(instruction).any(|target| target == address))?;
            Some(SymbolResult::with_str(address, name))
        }
    }
}

#[cfg(any(target_arch = "aarch64", test))]
mod aarch64 {
    use yaxpeax_arch::{Decoder, U8Reader};
    use yaxpeax_arm::armv8::a64::{InstDecoder, Instruction, Opcode, Operand};

    use super::*;

    pub(super) fn lines(code: &[u8], address: u64, name_of: NameOf<'_>) -> Lines {
        let decoded: Vec<(u64, &[u8], Option<Instruction>)> = code
            .chunks(4)
            .zip((address..).step_by(4))
            .map(|(bytes, at)| {
                (
                    at,
                    bytes,
                    InstDecoder::default()
                        .decode(&mut U8Reader::new(bytes))
                        .ok(),
                )
            })
            .collect();
        let end = address + code.len() as u64;
        let targets = decoded
            .iter()
            .filter_map(|(at, _, instruction)| jump_target(*at, instruction.as_ref()?));
        let labels = number_labels(targets, |target| {
            (address..end).contains(&target)
                && (target - address).is_multiple_of(4)
                && name_of(target).is_none()
        });
        let text = |at: u64, bytes: &[u8], instruction: &Option<Instruction>| {
            let Some(instruction) = instruction else {
                let word = bytes
                    .iter()
                    .rev()
                    .fold(0u32, |word, byte| word << 8 | u32::from(*byte));
                return format!(".inst {word:#010x}");
            };
            let text = instruction.to_string();
            // The distance of a jump is the last operand, written `$+0x10`.
            match (text.split_once('$'), jump_target(at, instruction)) {
                (Some((before, _)), Some(target)) => {
                    let name = name_target(target, &labels, name_of);
                    format!("{before}{}", name.unwrap_or_else(|| format!("{target:#x}")))
                }
                _ => text,
            }
        };
        let instructions = decoded
            .iter()
            .map(|(at, bytes, instruction)| (*at, text(*at, bytes, instruction)))
            .collect();
        Lines {
            instructions,
            labels,
        }
    }

    /// Where an instruction may jump to or call, or the memory it names by its distance (but not a page: `adrp`).
    fn jump_target(at: u64, instruction: &Instruction) -> Option<u64> {
        instruction
            .operands
            .iter()
            .find_map(|operand| match operand {
                Operand::PCOffset(distance) if instruction.opcode != Opcode::ADRP => {
                    Some(at.wrapping_add_signed(*distance))
                }
                _ => None,
            })
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod bytes {
    use super::*;

    pub(super) fn lines(code: &[u8], address: u64) -> Lines {
        let bytes = code
            .iter()
            .zip(address..)
            .map(|(byte, at)| (at, format!(".byte {byte:#04x}")));
        Lines {
            instructions: bytes.collect(),
            labels: Labels::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn x86_64_shows_labels_and_names() {
        let code = [
            0x48, 0x85, 0xf6, // test rsi, rsi
            0x74, 0x0d, // je +13
            0xf2, 0x0f, 0x10, 0x05, 0xf3, 0x0f, 0, 0, // movsd xmm0, [rip+0xff3]
            0xe8, 0xee, 0x1f, 0, 0,    // call +0x1fee
            0xc3, // ret
            0xcc, // int3
        ];
        let name_of = |address: u64| match address {
            0x1000 => Some("f".to_owned()),
            0x2000 => Some("table".to_owned()),
            0x3000 => Some("sin".to_owned()),
            _ => None,
        };
        let expected = "\
f:
     0  test rsi, rsi
     3  je .L1
     5  movsd xmm0, [table]
     d  call sin
.L1:
    12  ret
    13  int3
";
        assert_eq!(disassemble(&code, 0x1000, &name_of), expected);
    }

    #[test]
    fn aarch64_shows_labels_and_names() {
        let words = [
            0xb400_0081u32,
            0x9400_07ff,
            0x9000_0000,
            0x17ff_fffd,
            0xd65f_03c0,
            0xffff_ffff,
        ];
        let code: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let name_of = |address: u64| (address == 0x3000).then(|| "sin".to_owned());
        let expected = "\
.L1:
     0  cbz x1, .L2
     4  bl sin
     8  adrp x0, $+0x0
     c  b .L1
.L2:
    10  ret
    14  .inst 0xffffffff
";
        assert_eq!(
            print(
                &aarch64::lines(&code, 0x1000, &name_of),
                0x1000,
                &name_of,
                &|_| None
            ),
            expected
        );
    }

    /// Whatever the bytes are, there is a listing.
    #[test]
    fn any_bytes_can_be_listed() {
        let code: Vec<u8> = (0..4096u32)
            .map(|i| (i.wrapping_mul(2654435761) >> 24) as u8)
            .collect();
        for length in [0, 1, 3, 4095, 4096] {
            assert_eq!(
                disassemble(&code[..length], 0, &|_| None).is_empty(),
                length == 0
            );
        }
    }
}
