//! Memory: temporaries, loads and stores, copies.
//!
//! Aggregates are copied part by part if they are small, so that LLVM sees scalars, and byte by byte otherwise.

use hotloop_ir::{ScalarTy, Ty};
use inkwell::types::BasicTypeEnum;
use inkwell::values::{BasicValue, InstructionValue, IntValue, PointerValue};

use super::layout::AtomKind;
use super::{CodegenError, Emitter, Result, Value, aggregate, layout, pointer};

/// The most parts that are copied one by one.
pub(super) const MANY: usize = 8;

impl<'ctx> Emitter<'ctx, '_> {
    /// Memory for a value, in the frame of the function.
    pub(super) fn allocate(&self, ty: &Ty, name: &str) -> Result<PointerValue<'ctx>> {
        self.allocate_as(self.memory_type(ty)?, layout::of(ty)?.align, name)
    }

    pub(super) fn allocate_as(
        &self,
        ty: BasicTypeEnum<'ctx>,
        align: u64,
        name: &str,
    ) -> Result<PointerValue<'ctx>> {
        let address = self.frame.build_alloca(ty, name)?;
        let alloca = address
            .as_instruction_value()
            .ok_or_else(|| CodegenError::bug("an alloca that is no instruction"))?;
        set_alignment(alloca, align)?;
        Ok(address)
    }

    /// The address so many bytes further on in the same object.
    pub(super) fn offset(
        &self,
        address: PointerValue<'ctx>,
        bytes: u64,
    ) -> Result<PointerValue<'ctx>> {
        if bytes == 0 {
            return Ok(address);
        }
        let bytes = self.context.i64_type().const_int(bytes, false);
        let byte = self.context.i8_type();
        // SAFETY: callers go to parts of the value that is at `address`, whose layout says where they are.
        Ok(unsafe {
            self.builder
                .build_in_bounds_gep(byte, address, &[bytes], "")
        }?)
    }

    /// Loads a value of an LLVM type.
    pub(super) fn load_as(
        &self,
        ty: BasicTypeEnum<'ctx>,
        address: PointerValue<'ctx>,
        align: u64,
    ) -> Result<Value<'ctx>> {
        let value = self.builder.build_load(ty, address, "")?;
        if let Some(load) = value.as_instruction_value() {
            set_alignment(load, align)?;
        }
        Ok(value)
    }

    /// Loads a pointer, perhaps the first part of a slice.
    pub(super) fn load_pointer(&self, address: PointerValue<'ctx>) -> Result<PointerValue<'ctx>> {
        pointer(self.load_as(self.pointer_type().into(), address, 8)?)
    }

    /// The value at an address.
    pub(super) fn load(&self, address: PointerValue<'ctx>, ty: &Ty) -> Result<Value<'ctx>> {
        if layout::in_memory(ty) {
            return Ok(address.into());
        }
        if let Ty::Slice { .. } = ty {
            let first = self.load_pointer(address)?;
            let length = self.offset(address, 8)?;
            let length = self.load_as(self.context.i64_type().into(), length, 8)?;
            return self.build_slice(first, super::int(length)?);
        }
        let value = self.load_as(self.memory_type(ty)?, address, layout::of(ty)?.align)?;
        if let (Some(ScalarTy::Bool), Some(load)) = (ty.as_scalar(), value.as_instruction_value()) {
            self.mark_bool(load)?;
        }
        self.value_from_memory(value, ty)
    }

    /// Says that what is loaded is 0 or 1.
    fn mark_bool(&self, load: InstructionValue<'ctx>) -> Result<()> {
        let bound = |value| self.context.i8_type().const_int(value, false).into();
        let range = self.context.metadata_node(&[bound(0), bound(2)]);
        load.set_metadata(range, self.context.get_kind_id("range"))
            .map_err(|error| CodegenError::bug(error.to_string()))
    }

    /// Stores a value to an address.
    pub(super) fn store(
        &self,
        address: PointerValue<'ctx>,
        value: Value<'ctx>,
        ty: &Ty,
    ) -> Result<()> {
        if layout::in_memory(ty) {
            return self.copy(address, pointer(value)?, ty);
        }
        if let Ty::Slice { .. } = ty {
            let (first, length) = self.slice_parts(value)?;
            self.store_as(address, 8, first.into())?;
            let behind = self.offset(address, 8)?;
            return self.store_as(behind, 8, length.into());
        }
        let value = self.value_to_memory(value, ty)?;
        self.store_as(address, layout::of(ty)?.align, value)
    }

    fn store_as(&self, address: PointerValue<'ctx>, align: u64, value: Value<'ctx>) -> Result<()> {
        set_alignment(self.builder.build_store(address, value)?, align)
    }

    /// Copies a value from one address to another. They are the same or do not overlap.
    fn copy(&self, to: PointerValue<'ctx>, from: PointerValue<'ctx>, ty: &Ty) -> Result<()> {
        if let Some(atoms) = layout::atoms(ty, MANY)? {
            // All loads first: LLVM need not know that the stores do not change what is loaded.
            let mut values = Vec::with_capacity(atoms.len());
            for atom in &atoms {
                let at = self.offset(from, atom.offset)?;
                values.push(self.load_as(self.atom_type(atom.kind), at, atom.align)?);
            }
            for (atom, value) in atoms.iter().zip(values) {
                self.store_as(self.offset(to, atom.offset)?, atom.align, value)?;
            }
            return Ok(());
        }
        let layout = layout::of(ty)?;
        let align = align(layout.align)?;
        let size = self.context.i64_type().const_int(layout.size, false);
        self.builder
            .build_memcpy(to, align, from, align, size)
            .map_err(|error| CodegenError::bug(error.to_string()))?;
        Ok(())
    }

    fn atom_type(&self, kind: AtomKind) -> BasicTypeEnum<'ctx> {
        match kind {
            AtomKind::Scalar(scalar) => self.scalar_memory_type(scalar),
            AtomKind::Pointer => self.pointer_type().into(),
            AtomKind::Length => self.context.i64_type().into(),
        }
    }

    /// Fills the memory of a value with zeros.
    pub(super) fn fill_zero(&self, address: PointerValue<'ctx>, ty: &Ty) -> Result<()> {
        let layout = layout::of(ty)?;
        let zero = self.context.i8_type().const_zero();
        let size = self.context.i64_type().const_int(layout.size, false);
        self.builder
            .build_memset(address, align(layout.align)?, zero, size)
            .map_err(|error| CodegenError::bug(error.to_string()))?;
        Ok(())
    }

    /// A slice in registers.
    pub(super) fn build_slice(
        &self,
        first: PointerValue<'ctx>,
        length: IntValue<'ctx>,
    ) -> Result<Value<'ctx>> {
        let slice = self.slice_type().get_poison();
        let slice = self.builder.build_insert_value(slice, first, 0, "")?;
        let slice = self.builder.build_insert_value(slice, length, 1, "")?;
        Ok(slice.as_basic_value_enum())
    }

    /// Pointer and length of a slice in registers.
    pub(super) fn slice_parts(
        &self,
        slice: Value<'ctx>,
    ) -> Result<(PointerValue<'ctx>, IntValue<'ctx>)> {
        let slice = aggregate(slice)?;
        let first = self.builder.build_extract_value(slice, 0, "")?;
        let length = self.builder.build_extract_value(slice, 1, "")?;
        Ok((pointer(first)?, super::int(length)?))
    }
}

fn align(bytes: u64) -> Result<u32> {
    u32::try_from(bytes).map_err(|_| CodegenError::Unsupported("an alignment of this size".into()))
}

/// Sets the alignment of a load, a store or an alloca.
pub(super) fn set_alignment(access: InstructionValue<'_>, bytes: u64) -> Result<()> {
    access
        .set_alignment(align(bytes)?)
        .map_err(|error| CodegenError::bug(error.to_string()))
}
