//! Places: addresses, loads and stores, with the bounds check of every index.

use hotloop_ir::{Place, Projection, ScalarTy, Ty};
use inkwell::IntPredicate;
use inkwell::values::{BasicValue, IntValue, PointerValue};

use super::trap::set_alignment;
use super::ty::alignment;
use super::{CodegenError, Emitter, Result, Value, int, pointer};

/// An address and what is there.
pub(super) struct Located<'ctx> {
    pub(super) address: PointerValue<'ctx>,
    pub(super) ty: Ty,
}

impl<'ctx> Emitter<'ctx, '_> {
    /// Evaluates and checks the indices of a place, in order, and computes its address.
    pub(super) fn locate(&mut self, place: &Place) -> Result<Located<'ctx>> {
        let func = self.func;
        let local = func
            .locals
            .get(place.local)
            .ok_or_else(|| CodegenError::bug("a place in an unknown local"))?;
        let mut address = self.local_address(place.local.index())?;
        let mut ty = &local.ty;
        for projection in &place.projections {
            match (projection, ty) {
                (Projection::Field(index), Ty::Tuple(elems)) => {
                    let tuple = self.tuple_type(elems)?;
                    address = self.builder.build_struct_gep(tuple, address, *index, "")?;
                    ty = elems
                        .get(*index as usize)
                        .ok_or_else(|| CodegenError::bug("a tuple field out of range"))?;
                }
                (Projection::Index { index, site }, Ty::Slice { elem, .. }) => {
                    let scalar = elem
                        .as_scalar()
                        .ok_or_else(|| CodegenError::bug("a slice of no scalar"))?;
                    let made = self.made.contains(index);
                    let index = int(self.emit_expr(*index)?)?;
                    if !made {
                        // Pointer and length are read after the index: it cannot change them, and LLVM sees fewer live values.
                        let length = self.load_length(address)?;
                        let outside =
                            self.builder
                                .build_int_compare(IntPredicate::UGE, index, length, "")?;
                        self.trap_if(outside, *site, &[index.into(), length.into()])?;
                    }
                    let first = self.load_pointer(address)?;
                    address = self.element_address(first, index, scalar)?;
                    ty = elem;
                }
                (projection, ty) => {
                    return Err(CodegenError::bug(format!("{projection:?} of a {ty:?}")));
                }
            }
        }
        Ok(Located {
            address,
            ty: ty.clone(),
        })
    }

    /// The memory of a local.
    pub(super) fn local_address(&self, index: usize) -> Result<PointerValue<'ctx>> {
        self.locals
            .get(index)
            .copied()
            .ok_or_else(|| CodegenError::bug("an unknown local"))
    }

    /// The address of an element whose index has been checked.
    fn element_address(
        &self,
        first: PointerValue<'ctx>,
        index: IntValue<'ctx>,
        elem: ScalarTy,
    ) -> Result<PointerValue<'ctx>> {
        let elem = self.scalar_memory_type(elem);
        // SAFETY: `locate` has checked that `index` is below the slice's length, or the statement's guard has: the address is inside
        // the slice.
        Ok(unsafe { self.builder.build_in_bounds_gep(elem, first, &[index], "") }?)
    }

    /// The pointer of the slice whose pointer and length are at `slice`.
    fn load_pointer(&self, slice: PointerValue<'ctx>) -> Result<PointerValue<'ctx>> {
        let field = self
            .builder
            .build_struct_gep(self.slice_type(), slice, 0, "")?;
        pointer(self.builder.build_load(self.pointer_type(), field, "")?)
    }

    /// The length of the slice whose pointer and length are at `slice`.
    pub(super) fn load_length(&self, slice: PointerValue<'ctx>) -> Result<IntValue<'ctx>> {
        let field = self
            .builder
            .build_struct_gep(self.slice_type(), slice, 1, "")?;
        int(self
            .builder
            .build_load(self.context.i64_type(), field, "")?)
    }

    /// Loads the value at an address.
    pub(super) fn load(&self, address: PointerValue<'ctx>, ty: &Ty) -> Result<Value<'ctx>> {
        let value = self
            .builder
            .build_load(self.memory_type(ty)?, address, "")?;
        if let (Some(scalar), Some(load)) = (ty.as_scalar(), value.as_instruction_value()) {
            set_alignment(load, alignment(scalar))?;
        }
        self.value_from_memory(value, ty)
    }

    /// Stores a value to an address.
    pub(super) fn store(
        &self,
        address: PointerValue<'ctx>,
        value: Value<'ctx>,
        ty: &Ty,
    ) -> Result<()> {
        let value = self.value_to_memory(value, ty)?;
        let store = self.builder.build_store(address, value)?;
        if let Some(scalar) = ty.as_scalar() {
            set_alignment(store, alignment(scalar))?;
        }
        Ok(())
    }
}
