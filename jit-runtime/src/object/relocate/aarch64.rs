//! Relocations of AArch64 code.
//!
//! # Source
//!
//! "ELF for the Arm 64-bit Architecture (AArch64)", section 5.7. `Page(x)` is `x` without its low 12 bits.

use object::elf::*;

use super::{Needs, Operands, RelocateError, field, write_u64};

/// The bytes of a stub (a veneer, in Arm's words): `ldr x16, 8; br x16`, then the address.
pub(in super::super) const STUB_SIZE: usize = 16;

/// What a relocation of this type needs, or `None` for a type that is not known.
pub(in super::super) fn needs(r_type: u32) -> Option<Needs> {
    Some(match RelocationType(r_type) {
        // 256 is the number that `R_AARCH64_NONE` once had.
        R_AARCH64_NONE | RelocationType(256) => Needs::Nothing,
        R_AARCH64_ABS64 | R_AARCH64_ABS32 | R_AARCH64_PREL64 | R_AARCH64_PREL32 => Needs::Symbol,
        R_AARCH64_MOVW_UABS_G0 | R_AARCH64_MOVW_UABS_G0_NC | R_AARCH64_MOVW_UABS_G1 => {
            Needs::Symbol
        }
        R_AARCH64_MOVW_UABS_G1_NC | R_AARCH64_MOVW_UABS_G2 | R_AARCH64_MOVW_UABS_G2_NC => {
            Needs::Symbol
        }
        R_AARCH64_MOVW_UABS_G3 | R_AARCH64_ADR_PREL_LO21 | R_AARCH64_LD_PREL_LO19 => Needs::Symbol,
        R_AARCH64_ADR_PREL_PG_HI21 | R_AARCH64_ADR_PREL_PG_HI21_NC | R_AARCH64_ADD_ABS_LO12_NC => {
            Needs::Symbol
        }
        R_AARCH64_LDST8_ABS_LO12_NC
        | R_AARCH64_LDST16_ABS_LO12_NC
        | R_AARCH64_LDST32_ABS_LO12_NC => Needs::Symbol,
        R_AARCH64_LDST64_ABS_LO12_NC | R_AARCH64_LDST128_ABS_LO12_NC => Needs::Symbol,
        R_AARCH64_CALL26 | R_AARCH64_JUMP26 => Needs::Call,
        R_AARCH64_ADR_GOT_PAGE | R_AARCH64_LD64_GOT_LO12_NC => Needs::Got,
        _ => return None,
    })
}

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
        ..
    } = *operands;
    let target = operands.target();
    let got_entry = got_entry.wrapping_add_signed(addend);
    let from_place = target.wrapping_sub(place).cast_signed();
    let pages_to = |address: u64| {
        (address & !0xfff)
            .wrapping_sub(place & !0xfff)
            .cast_signed()
            >> 12
    };
    match RelocationType(r_type) {
        R_AARCH64_NONE | RelocationType(256) => Ok(()),
        R_AARCH64_ABS64 => write_u64(bytes, offset, target),
        R_AARCH64_PREL64 => write_u64(bytes, offset, from_place.cast_unsigned()),
        R_AARCH64_ABS32 => write_either_32(bytes, offset, target.cast_signed()),
        R_AARCH64_PREL32 => write_either_32(bytes, offset, from_place),
        R_AARCH64_MOVW_UABS_G0 => write_move(bytes, offset, fits(target, 16)?),
        R_AARCH64_MOVW_UABS_G0_NC => write_move(bytes, offset, target),
        R_AARCH64_MOVW_UABS_G1 => write_move(bytes, offset, fits(target, 32)? >> 16),
        R_AARCH64_MOVW_UABS_G1_NC => write_move(bytes, offset, target >> 16),
        R_AARCH64_MOVW_UABS_G2 => write_move(bytes, offset, fits(target, 48)? >> 32),
        R_AARCH64_MOVW_UABS_G2_NC => write_move(bytes, offset, target >> 32),
        R_AARCH64_MOVW_UABS_G3 => write_move(bytes, offset, target >> 48),
        R_AARCH64_ADR_PREL_LO21 => write_adr(bytes, offset, signed(from_place, 21)?),
        R_AARCH64_ADR_PREL_PG_HI21 => write_adr(bytes, offset, signed(pages_to(target), 21)?),
        R_AARCH64_ADR_PREL_PG_HI21_NC => write_adr(bytes, offset, pages_to(target)),
        R_AARCH64_ADR_GOT_PAGE => write_adr(bytes, offset, signed(pages_to(got_entry), 21)?),
        R_AARCH64_LD_PREL_LO19 => {
            let n_words = signed(words(from_place)?, 19)?;
            patch(
                bytes,
                offset,
                0x7ffff << 5,
                (n_words.cast_unsigned() << 5) as u32,
            )
        }
        R_AARCH64_ADD_ABS_LO12_NC | R_AARCH64_LDST8_ABS_LO12_NC => {
            write_low12(bytes, offset, target, 0)
        }
        R_AARCH64_LDST16_ABS_LO12_NC => write_low12(bytes, offset, target, 1),
        R_AARCH64_LDST32_ABS_LO12_NC => write_low12(bytes, offset, target, 2),
        R_AARCH64_LDST64_ABS_LO12_NC => write_low12(bytes, offset, target, 3),
        R_AARCH64_LDST128_ABS_LO12_NC => write_low12(bytes, offset, target, 4),
        R_AARCH64_LD64_GOT_LO12_NC => write_low12(bytes, offset, got_entry, 3),
        // Straight to the function if it is within reach, else through its stub.
        R_AARCH64_CALL26 | R_AARCH64_JUMP26 => {
            write_branch(bytes, offset, from_place).or_else(|error| match operands.stub {
                Some(stub) if addend == 0 => {
                    write_branch(bytes, offset, stub.wrapping_sub(place).cast_signed())
                }
                _ => Err(error),
            })
        }
        _ => Err(RelocateError::Unknown),
    }
}

/// A stub that jumps to `target`, wherever that is. It changes x16, which is free between a call and its callee.
pub(in super::super) fn stub(target: u64) -> [u8; STUB_SIZE] {
    let mut stub = [0; STUB_SIZE];
    stub[..4].copy_from_slice(&0x5800_0050u32.to_le_bytes()); // ldr x16, 8
    stub[4..8].copy_from_slice(&0xd61f_0200u32.to_le_bytes()); // br x16
    stub[8..].copy_from_slice(&target.to_le_bytes());
    stub
}

/// Replaces the bits of `mask` in the instruction at `offset` by those of `value`.
fn patch(bytes: &mut [u8], offset: usize, mask: u32, value: u32) -> Result<(), RelocateError> {
    let field = field::<4>(bytes, offset)?;
    let instruction = u32::from_le_bytes(*field);
    *field = ((instruction & !mask) | (value & mask)).to_le_bytes();
    Ok(())
}

/// `value`, if it fits a signed field of `n_bits`.
fn signed(value: i64, n_bits: u32) -> Result<i64, RelocateError> {
    let limit = 1i64 << (n_bits - 1);
    (-limit..limit)
        .contains(&value)
        .then_some(value)
        .ok_or(RelocateError::Overflow)
}

/// `value`, if it fits an unsigned field of `n_bits`.
fn fits(value: u64, n_bits: u32) -> Result<u64, RelocateError> {
    (value >> n_bits == 0)
        .then_some(value)
        .ok_or(RelocateError::Overflow)
}

/// A distance in instructions.
fn words(distance: i64) -> Result<i64, RelocateError> {
    (distance % 4 == 0)
        .then_some(distance >> 2)
        .ok_or(RelocateError::Misaligned)
}

/// A 32-bit field that may be read as signed or as unsigned: -2^31 <= value < 2^32.
fn write_either_32(bytes: &mut [u8], offset: usize, value: i64) -> Result<(), RelocateError> {
    if !(i64::from(i32::MIN)..=i64::from(u32::MAX)).contains(&value) {
        return Err(RelocateError::Overflow);
    }
    *field(bytes, offset)? = (value as u32).to_le_bytes();
    Ok(())
}

/// The 16 bits of `movz` and `movk`, at bit 5.
fn write_move(bytes: &mut [u8], offset: usize, value: u64) -> Result<(), RelocateError> {
    patch(bytes, offset, 0xffff << 5, (value as u32 & 0xffff) << 5)
}

/// The 21 bits of `adr` and `adrp`: two at bit 29, the rest at bit 5.
fn write_adr(bytes: &mut [u8], offset: usize, value: i64) -> Result<(), RelocateError> {
    let value = value as u32;
    patch(
        bytes,
        offset,
        3 << 29 | 0x7ffff << 5,
        (value & 3) << 29 | (value >> 2 & 0x7ffff) << 5,
    )
}

/// The low 12 bits of an address in units of the access, at bit 10.
fn write_low12(
    bytes: &mut [u8],
    offset: usize,
    address: u64,
    size_log2: u32,
) -> Result<(), RelocateError> {
    let low = address as u32 & 0xfff;
    if low & ((1 << size_log2) - 1) != 0 {
        return Err(RelocateError::Misaligned);
    }
    patch(bytes, offset, 0xfff << 10, (low >> size_log2) << 10)
}

/// The 26 bits of `b` and `bl`: the distance in instructions.
fn write_branch(bytes: &mut [u8], offset: usize, distance: i64) -> Result<(), RelocateError> {
    patch(
        bytes,
        offset,
        0x3ff_ffff,
        signed(words(distance)?, 26)? as u32,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: u64 = 0x10_0ff4;

    /// The instruction after a relocation of this type, all other bits being those of `instruction`.
    fn applied(
        r_type: RelocationType,
        instruction: u32,
        operands: Operands,
    ) -> Result<u32, RelocateError> {
        let mut bytes = [0xa5; 12];
        bytes[4..8].copy_from_slice(&instruction.to_le_bytes());
        apply(r_type.0, &mut bytes, 4, &operands)?;
        assert!(
            bytes[..4] == [0xa5; 4] && bytes[8..] == [0xa5; 4],
            "nothing around the field changes"
        );
        Ok(u32::from_le_bytes(std::array::from_fn(|i| bytes[4 + i])))
    }

    fn at(symbol: u64) -> Operands {
        Operands {
            place: PLACE,
            symbol,
            got_entry: 0x20_0018,
            got: 0x20_0000,
            ..Operands::default()
        }
    }

    #[test]
    fn data() {
        let mut bytes = [0; 8];
        apply(
            R_AARCH64_ABS64.0,
            &mut bytes,
            0,
            &Operands {
                addend: 8,
                ..at(0xffff_1234_5678_9ab0)
            },
        )
        .unwrap();
        assert_eq!(u64::from_le_bytes(bytes), 0xffff_1234_5678_9ab8);
        apply(R_AARCH64_PREL64.0, &mut bytes, 0, &at(PLACE - 16)).unwrap();
        assert_eq!(i64::from_le_bytes(bytes), -16);
        assert_eq!(
            applied(R_AARCH64_ABS32, 0, at(0xffff_ffff)),
            Ok(0xffff_ffff)
        );
        assert_eq!(
            applied(R_AARCH64_ABS32, 0, at(0x1_0000_0000)),
            Err(RelocateError::Overflow)
        );
        assert_eq!(applied(R_AARCH64_PREL32, 0, at(PLACE - 4)), Ok(0xffff_fffc));
        assert_eq!(
            applied(R_AARCH64_PREL32, 0, at(PLACE.wrapping_sub(0x8000_0001))),
            Err(RelocateError::Overflow)
        );
    }

    #[test]
    fn branches() {
        let (bl, b) = (0x9400_0000, 0x1400_0000);
        assert_eq!(
            applied(R_AARCH64_CALL26, bl, at(PLACE + 0x40)),
            Ok(0x9400_0010)
        );
        assert_eq!(applied(R_AARCH64_JUMP26, b, at(PLACE - 4)), Ok(0x17ff_ffff));
        let reach = 1 << 27;
        assert_eq!(
            applied(R_AARCH64_CALL26, bl, at(PLACE + reach - 4)),
            Ok(0x95ff_ffff)
        );
        assert_eq!(
            applied(R_AARCH64_CALL26, bl, at(PLACE + reach)),
            Err(RelocateError::Overflow)
        );
        assert_eq!(
            applied(R_AARCH64_CALL26, bl, at(PLACE + 2)),
            Err(RelocateError::Misaligned)
        );
        let veneer = Operands {
            stub: Some(PLACE + 0x20),
            ..at(PLACE + reach)
        };
        assert_eq!(applied(R_AARCH64_CALL26, bl, veneer), Ok(0x9400_0008));
    }

    #[test]
    fn pages() {
        let adrp = 0x9000_0003; // adrp x3
        // Two pages on, whatever the low bits are.
        assert_eq!(
            applied(R_AARCH64_ADR_PREL_PG_HI21, adrp, at(0x10_2ffc)),
            Ok(0xd000_0003)
        );
        assert_eq!(
            applied(R_AARCH64_ADR_PREL_PG_HI21, adrp, at(0x10_4000)),
            Ok(0x9000_0023)
        );
        assert_eq!(
            applied(R_AARCH64_ADR_PREL_PG_HI21, adrp, at(0xf_ffff)),
            Ok(0xf0ff_ffe3)
        );
        assert_eq!(
            applied(R_AARCH64_ADR_PREL_PG_HI21, adrp, at(0x1_0010_0000)),
            Err(RelocateError::Overflow)
        );
        assert_eq!(
            applied(R_AARCH64_ADR_PREL_PG_HI21_NC, adrp, at(0x1_0010_0000)),
            Ok(0x9080_0003)
        );
        assert_eq!(
            applied(R_AARCH64_ADR_GOT_PAGE, adrp, at(0)),
            Ok(0x9000_0803)
        );
        assert_eq!(
            applied(R_AARCH64_ADR_PREL_LO21, 0x1000_0003, at(PLACE + 5)),
            Ok(0x3000_0023)
        );
        assert_eq!(
            applied(R_AARCH64_ADR_PREL_LO21, 0x1000_0003, at(PLACE + (1 << 20))),
            Err(RelocateError::Overflow)
        );
        assert_eq!(
            applied(R_AARCH64_LD_PREL_LO19, 0x5800_0003, at(PLACE + 8)),
            Ok(0x5800_0043)
        );
        assert_eq!(
            applied(R_AARCH64_LD_PREL_LO19, 0x5800_0003, at(PLACE + (1 << 20))),
            Err(RelocateError::Overflow)
        );
    }

    #[test]
    fn low_bits_are_scaled_by_the_size_of_the_access() {
        let target = at(0x1234_5670);
        assert_eq!(
            applied(R_AARCH64_ADD_ABS_LO12_NC, 0x9100_0000, target),
            Ok(0x9100_0000 | 0x670 << 10)
        );
        for (log2, r_type) in [
            R_AARCH64_LDST8_ABS_LO12_NC,
            R_AARCH64_LDST16_ABS_LO12_NC,
            R_AARCH64_LDST32_ABS_LO12_NC,
            R_AARCH64_LDST64_ABS_LO12_NC,
            R_AARCH64_LDST128_ABS_LO12_NC,
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(
                applied(r_type, 0x3940_0000, target),
                Ok(0x3940_0000 | (0x670 >> log2) << 10)
            );
            let odd = applied(r_type, 0x3940_0000, at(0x1234_5671));
            assert_eq!(odd.is_err(), log2 > 0, "an access of {} bytes", 1 << log2);
        }
        assert_eq!(
            applied(R_AARCH64_LD64_GOT_LO12_NC, 0xf940_0000, at(0)),
            Ok(0xf940_0000 | 3 << 10)
        );
    }

    #[test]
    fn moves() {
        let target = at(0x1234_5678_9abc_def0);
        let with = |bits: u32| Ok(0xd280_0001 | bits << 5);
        assert_eq!(
            applied(R_AARCH64_MOVW_UABS_G0_NC, 0xd280_0001, target),
            with(0xdef0)
        );
        assert_eq!(
            applied(R_AARCH64_MOVW_UABS_G1_NC, 0xd280_0001, target),
            with(0x9abc)
        );
        assert_eq!(
            applied(R_AARCH64_MOVW_UABS_G2_NC, 0xd280_0001, target),
            with(0x5678)
        );
        assert_eq!(
            applied(R_AARCH64_MOVW_UABS_G3, 0xd280_0001, target),
            with(0x1234)
        );
        assert_eq!(
            applied(R_AARCH64_MOVW_UABS_G0, 0xd280_0001, at(0xffff)),
            with(0xffff)
        );
        assert_eq!(
            applied(R_AARCH64_MOVW_UABS_G0, 0xd280_0001, at(0x1_0000)),
            Err(RelocateError::Overflow)
        );
        assert_eq!(
            applied(R_AARCH64_MOVW_UABS_G1, 0xd280_0001, at(0x1_0000_0000)),
            Err(RelocateError::Overflow)
        );
        assert_eq!(
            applied(R_AARCH64_MOVW_UABS_G2, 0xd280_0001, at(0x1_0000_0000_0000)),
            Err(RelocateError::Overflow)
        );
    }

    #[test]
    fn fields_outside_the_section_and_unknown_types_are_errors() {
        let mut bytes = [0; 8];
        assert_eq!(
            apply(R_AARCH64_CALL26.0, &mut bytes, 5, &at(PLACE)),
            Err(RelocateError::OutOfSection)
        );
        assert_eq!(
            apply(R_AARCH64_TLSLE_ADD_TPREL_HI12.0, &mut bytes, 0, &at(0)),
            Err(RelocateError::Unknown)
        );
        assert_eq!(needs(R_AARCH64_TLSLE_ADD_TPREL_HI12.0), None);
    }

    #[test]
    fn every_needed_type_is_applied() {
        for r_type in (0..2048).filter(|r_type| needs(*r_type).is_some()) {
            assert_eq!(
                apply(r_type, &mut [0; 8], 0, &Operands::default()),
                Ok(()),
                "type {r_type}"
            );
        }
    }
}
