//! Types: how values look in registers and in memory.

use hotloop_ir::{ScalarTy, Ty};
use inkwell::AddressSpace;
use inkwell::types::{ArrayType, BasicTypeEnum, FloatType, IntType, PointerType, StructType};
use inkwell::values::IntValue;

use super::{CodegenError, Emitter, Result, Value, int, layout};

impl<'ctx> Emitter<'ctx, '_> {
    /// The integer type of this width, which is one of a scalar's.
    pub(super) fn int_type(&self, bits: u32) -> IntType<'ctx> {
        match bits {
            1 => self.context.bool_type(),
            8 => self.context.i8_type(),
            16 => self.context.i16_type(),
            32 => self.context.i32_type(),
            64 => self.context.i64_type(),
            _ => self.context.i128_type(),
        }
    }

    pub(super) fn float_type(&self, scalar: ScalarTy) -> FloatType<'ctx> {
        if scalar == ScalarTy::F32 {
            self.context.f32_type()
        } else {
            self.context.f64_type()
        }
    }

    pub(super) fn pointer_type(&self) -> PointerType<'ctx> {
        self.context.ptr_type(AddressSpace::default())
    }

    /// The type of a scalar in registers: `bool` is an `i1`.
    pub(super) fn register_type(&self, scalar: ScalarTy) -> BasicTypeEnum<'ctx> {
        match scalar {
            ScalarTy::Bool => self.context.bool_type().into(),
            ScalarTy::F32 | ScalarTy::F64 => self.float_type(scalar).into(),
            _ => self.int_type(scalar.bits()).into(),
        }
    }

    /// The type of a scalar in memory: `bool` is a byte.
    pub(super) fn scalar_memory_type(&self, scalar: ScalarTy) -> BasicTypeEnum<'ctx> {
        match scalar {
            ScalarTy::Bool => self.context.i8_type().into(),
            _ => self.register_type(scalar),
        }
    }

    /// The type of a value in memory; of aggregates, as many bytes.
    pub(super) fn memory_type(&self, ty: &Ty) -> Result<BasicTypeEnum<'ctx>> {
        match ty {
            Ty::Scalar(scalar) => Ok(self.scalar_memory_type(*scalar)),
            Ty::Ref { .. } => Ok(self.pointer_type().into()),
            Ty::Slice { .. } => Ok(self.slice_type().into()),
            Ty::Tuple(_) | Ty::Array { .. } | Ty::Struct(_) => {
                Ok(self.bytes_type(layout::of(ty)?.size)?.into())
            }
            Ty::Unit | Ty::Param(_) => Err(CodegenError::bug(format!("a value of type {ty:?}"))),
        }
    }

    /// The type of a value in registers; aggregates are addresses there.
    pub(super) fn value_type(&self, ty: &Ty) -> Result<BasicTypeEnum<'ctx>> {
        match ty {
            Ty::Scalar(scalar) => Ok(self.register_type(*scalar)),
            _ if layout::in_memory(ty) => Ok(self.pointer_type().into()),
            _ => self.memory_type(ty),
        }
    }

    /// So many bytes. inkwell counts elements in 32 bits, so large types have larger elements.
    pub(super) fn bytes_type(&self, size: u64) -> Result<ArrayType<'ctx>> {
        if let Ok(size) = u32::try_from(size) {
            return Ok(self.context.i8_type().array_type(size));
        }
        let chunks = u32::try_from(size.div_ceil(1 << 20))
            .map_err(|_| CodegenError::Unsupported("a type of this size".into()))?;
        Ok(self
            .context
            .i8_type()
            .array_type(1 << 20)
            .array_type(chunks))
    }

    /// Pointer and length.
    pub(super) fn slice_type(&self) -> StructType<'ctx> {
        let fields = [self.pointer_type().into(), self.context.i64_type().into()];
        self.context.struct_type(&fields, false)
    }

    /// From the form in memory to that in registers.
    pub(super) fn value_from_memory(&self, value: Value<'ctx>, ty: &Ty) -> Result<Value<'ctx>> {
        if *ty == Ty::BOOL {
            let byte = int(value)?;
            Ok(self
                .builder
                .build_int_truncate(byte, self.context.bool_type(), "")?
                .into())
        } else {
            Ok(value)
        }
    }

    /// From the form in registers to that in memory.
    pub(super) fn value_to_memory(&self, value: Value<'ctx>, ty: &Ty) -> Result<Value<'ctx>> {
        if *ty == Ty::BOOL {
            let bit = int(value)?;
            Ok(self
                .builder
                .build_int_z_extend(bit, self.context.i8_type(), "")?
                .into())
        } else {
            Ok(value)
        }
    }

    /// An integer constant, from its bits in two's complement; those above the width are ignored.
    pub(super) fn int_const(&self, bits: u32, value: u128) -> IntValue<'ctx> {
        let ty = self.int_type(bits);
        let value = value & (u128::MAX >> (128 - bits));
        if bits <= 64 {
            ty.const_int(value as u64, false)
        } else {
            ty.const_int_arbitrary_precision(&[value as u64, (value >> 64) as u64])
        }
    }

    /// The bits of a scalar, zero-extended to 128: how the trap payload holds it.
    pub(super) fn bits_of(&self, value: Value<'ctx>) -> Result<IntValue<'ctx>> {
        let word = self.context.i128_type();
        let bits = match value {
            Value::FloatValue(float) => {
                let bits = if float.get_type() == self.context.f32_type() {
                    self.context.i32_type()
                } else {
                    self.context.i64_type()
                };
                int(self.builder.build_bit_cast(float, bits, "")?)?
            }
            other => int(other)?,
        };
        if bits.get_type() == word {
            return Ok(bits);
        }
        Ok(self.builder.build_int_z_extend(bits, word, "")?)
    }
}
