//! Relocations of x86-64 code.
//!
//! # Source
//!
//! "System V Application Binary Interface, AMD64 Architecture Processor Supplement", section 4.4. Loads through the global
//! offset table are left as they are: the relaxation to `lea` that a linker may do is not worth a decoder here.

use object::elf::*;

use super::{Needs, Operands, RelocateError, write_i32, write_u32, write_u64};

/// The bytes of a stub: `jmp *0(%rip)`, the address, padding.
pub(in super::super) const STUB_SIZE: usize = 16;

/// What a relocation of this type needs, or `None` for a type that is not known.
pub(in super::super) fn needs(r_type: u32) -> Option<Needs> {
    Some(match RelocationType(r_type) {
        R_X86_64_NONE => Needs::Nothing,
        R_X86_64_64 | R_X86_64_PC32 | R_X86_64_32 | R_X86_64_32S | R_X86_64_PC64
        | R_X86_64_GOTOFF64 => Needs::Symbol,
        R_X86_64_PLT32 | R_X86_64_PLTOFF64 => Needs::Call,
        R_X86_64_GOTPCREL | R_X86_64_GOTPCRELX | R_X86_64_REX_GOTPCRELX | CODE_4_GOTPCRELX => {
            Needs::Got
        }
        R_X86_64_GOTPCREL64 | R_X86_64_GOT64 => Needs::Got,
        R_X86_64_GOTPC32 | R_X86_64_GOTPC64 => Needs::GotBase,
        _ => return None,
    })
}

/// `R_X86_64_CODE_4_GOTPCRELX`: a load with a REX2 prefix, computed like the others.
const CODE_4_GOTPCRELX: RelocationType = RelocationType(43);

/// Applies one relocation at `offset` of a section's `bytes`.
pub(in super::super) fn apply(
    r_type: u32,
    bytes: &mut [u8],
    offset: usize,
    operands: &Operands,
) -> Result<(), RelocateError> {
    let Operands {
        place,
        addend,
        got_entry,
        got,
        ..
    } = *operands;
    let target = operands.target();
    let from_place = |address: u64| address.wrapping_sub(place);
    match RelocationType(r_type) {
        R_X86_64_NONE => Ok(()),
        R_X86_64_64 => write_u64(bytes, offset, target),
        R_X86_64_32 => write_u32(bytes, offset, target),
        R_X86_64_32S => write_i32(bytes, offset, target),
        R_X86_64_PC64 => write_u64(bytes, offset, from_place(target)),
        R_X86_64_PC32 => write_i32(bytes, offset, from_place(target)),
        // Straight to the function if it is within reach, else through its stub.
        R_X86_64_PLT32 => {
            write_i32(bytes, offset, from_place(target)).or_else(|error| match operands.stub {
                Some(stub) => {
                    write_i32(bytes, offset, from_place(stub.wrapping_add_signed(addend)))
                }
                None => Err(error),
            })
        }
        R_X86_64_PLTOFF64 => write_u64(bytes, offset, target.wrapping_sub(got)),
        R_X86_64_GOTPCREL | R_X86_64_GOTPCRELX | R_X86_64_REX_GOTPCRELX | CODE_4_GOTPCRELX => {
            write_i32(
                bytes,
                offset,
                from_place(got_entry.wrapping_add_signed(addend)),
            )
        }
        R_X86_64_GOTPCREL64 => write_u64(
            bytes,
            offset,
            from_place(got_entry.wrapping_add_signed(addend)),
        ),
        R_X86_64_GOT64 => write_u64(
            bytes,
            offset,
            got_entry.wrapping_add_signed(addend).wrapping_sub(got),
        ),
        R_X86_64_GOTOFF64 => write_u64(bytes, offset, target.wrapping_sub(got)),
        R_X86_64_GOTPC32 => write_i32(bytes, offset, from_place(got.wrapping_add_signed(addend))),
        R_X86_64_GOTPC64 => write_u64(bytes, offset, from_place(got.wrapping_add_signed(addend))),
        _ => Err(RelocateError::Unknown),
    }
}

/// A stub that jumps to `target`, wherever that is. It changes no register.
pub(in super::super) fn stub(target: u64) -> [u8; STUB_SIZE] {
    let mut stub = [0xcc; STUB_SIZE];
    stub[..6].copy_from_slice(&[0xff, 0x25, 0, 0, 0, 0]);
    stub[6..14].copy_from_slice(&target.to_le_bytes());
    stub
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The field after a relocation of this type, from a place at 0x10_0000 unless given otherwise.
    fn applied(r_type: RelocationType, operands: Operands) -> Result<[u8; 8], RelocateError> {
        let mut bytes = [0; 16];
        apply(r_type.0, &mut bytes, 4, &operands)?;
        assert!(
            bytes[..4] == [0; 4] && bytes[12..] == [0; 4],
            "nothing around the field changes"
        );
        Ok(std::array::from_fn(|i| bytes[4 + i]))
    }

    fn at(symbol: u64, addend: i64) -> Operands {
        Operands {
            place: 0x10_0000,
            symbol,
            addend,
            stub: None,
            got_entry: 0x20_0008,
            got: 0x20_0000,
        }
    }

    fn low32(value: i64) -> Result<[u8; 8], RelocateError> {
        Ok((value as u64 & 0xffff_ffff).to_le_bytes())
    }

    #[test]
    fn absolute() {
        assert_eq!(
            applied(R_X86_64_64, at(0x7fff_1234_5678_9abc, 4)),
            Ok(0x7fff_1234_5678_9ac0u64.to_le_bytes())
        );
        assert_eq!(
            applied(R_X86_64_32, at(0xffff_fff0, 15)),
            low32(0xffff_ffff)
        );
        assert_eq!(
            applied(R_X86_64_32, at(0xffff_fff0, 16)),
            Err(RelocateError::Overflow)
        );
        assert_eq!(
            applied(R_X86_64_32, at(0, -1)),
            Err(RelocateError::Overflow)
        );
        assert_eq!(
            applied(R_X86_64_32S, at(0x7fff_fff0, 15)),
            low32(0x7fff_ffff)
        );
        assert_eq!(
            applied(R_X86_64_32S, at(0x7fff_fff0, 16)),
            Err(RelocateError::Overflow)
        );
        assert_eq!(applied(R_X86_64_32S, at(0, -1)), low32(-1));
    }

    #[test]
    fn relative() {
        assert_eq!(applied(R_X86_64_PC32, at(0x10_0100, -4)), low32(0xfc));
        assert_eq!(
            applied(R_X86_64_PC32, at(0x10_0000 + 0x7fff_ffff, 0)),
            low32(0x7fff_ffff)
        );
        assert_eq!(
            applied(R_X86_64_PC32, at(0x10_0000 + 0x8000_0000, 0)),
            Err(RelocateError::Overflow)
        );
        assert_eq!(applied(R_X86_64_PC32, at(0, -4)), low32(-0x10_0004));
        assert_eq!(
            applied(R_X86_64_PC64, at(0x8000_0000_0000, 0)),
            Ok((0x8000_0000_0000u64 - 0x10_0000).to_le_bytes())
        );
    }

    #[test]
    fn calls_go_straight_or_through_the_stub() {
        assert_eq!(applied(R_X86_64_PLT32, at(0x10_1000, -4)), low32(0xffc));
        assert_eq!(
            applied(R_X86_64_PLT32, at(0x7fff_0000_0000, -4)),
            Err(RelocateError::Overflow)
        );
        let with_stub = Operands {
            stub: Some(0x10_0040),
            ..at(0x7fff_0000_0000, -4)
        };
        assert_eq!(applied(R_X86_64_PLT32, with_stub), low32(0x3c));
        assert_eq!(
            applied(R_X86_64_PLTOFF64, at(0x20_0100, 0)),
            Ok(0x100u64.to_le_bytes())
        );
    }

    #[test]
    fn through_the_global_offset_table() {
        for r_type in [
            R_X86_64_GOTPCREL,
            R_X86_64_GOTPCRELX,
            R_X86_64_REX_GOTPCRELX,
            CODE_4_GOTPCRELX,
        ] {
            assert_eq!(applied(r_type, at(0, -4)), low32(0x10_0004));
        }
        let far = Operands {
            got_entry: 0x9000_0000,
            ..at(0, -4)
        };
        assert_eq!(
            applied(R_X86_64_GOTPCREL, far),
            Err(RelocateError::Overflow)
        );
        assert_eq!(
            applied(R_X86_64_GOTPCREL64, at(0, 0)),
            Ok(0x10_0008u64.to_le_bytes())
        );
        assert_eq!(applied(R_X86_64_GOT64, at(0, 0)), Ok(8u64.to_le_bytes()));
        assert_eq!(
            applied(R_X86_64_GOTOFF64, at(0x1f_fff8, 0)),
            Ok((-8i64).to_le_bytes())
        );
        assert_eq!(applied(R_X86_64_GOTPC32, at(0, 3)), low32(0x10_0003));
        assert_eq!(
            applied(R_X86_64_GOTPC64, at(0, 3)),
            Ok(0x10_0003u64.to_le_bytes())
        );
    }

    #[test]
    fn fields_outside_the_section_and_unknown_types_are_errors() {
        let mut bytes = [0; 8];
        assert_eq!(
            apply(R_X86_64_64.0, &mut bytes, 1, &at(0, 0)),
            Err(RelocateError::OutOfSection)
        );
        assert_eq!(
            apply(R_X86_64_PC32.0, &mut bytes, usize::MAX, &at(0, 0)),
            Err(RelocateError::OutOfSection)
        );
        assert_eq!(
            apply(R_X86_64_TPOFF32.0, &mut bytes, 0, &at(0, 0)),
            Err(RelocateError::Unknown)
        );
        assert_eq!(needs(R_X86_64_TPOFF32.0), None);
    }

    #[test]
    fn every_needed_type_is_applied() {
        for r_type in (0..1024).filter(|r_type| needs(*r_type).is_some()) {
            assert_eq!(
                apply(r_type, &mut [0; 8], 0, &Operands::default()),
                Ok(()),
                "type {r_type}"
            );
        }
    }
}
