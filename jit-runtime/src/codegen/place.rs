//! Places: addresses and lengths, with the bounds check of every index.

use hotloop_ir::{ExprId, Place, Projection, SiteId, Ty};
use inkwell::IntPredicate;
use inkwell::intrinsics::Intrinsic;
use inkwell::values::{IntValue, PointerValue};

use super::{CodegenError, Emitter, Result, Value, int, layout};

/// An address and what is there.
pub(super) struct Located<'ctx, 'a> {
    pub(super) address: PointerValue<'ctx>,
    pub(super) ty: &'a Ty,
}

impl<'ctx, 'a> Emitter<'ctx, 'a> {
    /// Evaluates and checks the indices of a place, in order, and computes its address.
    pub(super) fn locate(&mut self, place: &Place) -> Result<Located<'ctx, 'a>> {
        let mut at = self.locate_local(place)?;
        for projection in &place.projections {
            at = match projection {
                Projection::Index { index, site } => self.locate_element(&at, *index, *site)?,
                Projection::Field(_) | Projection::Deref => self.locate_part(&at, projection)?,
            };
        }
        Ok(at)
    }

    /// The local that a place is in.
    fn locate_local(&self, place: &Place) -> Result<Located<'ctx, 'a>> {
        let func = self.func;
        let local = func
            .locals
            .get(place.local)
            .ok_or_else(|| CodegenError::bug("a place in an unknown local"))?;
        Ok(Located {
            address: self.local_address(place.local.index())?,
            ty: &local.ty,
        })
    }

    /// A place that has no index among its first `steps` projections, up to there.
    pub(super) fn locate_prefix(&self, place: &Place, steps: usize) -> Result<Located<'ctx, 'a>> {
        let mut at = self.locate_local(place)?;
        for projection in place.projections.iter().take(steps) {
            at = self.locate_part(&at, projection)?;
        }
        Ok(at)
    }

    /// A field, or what a reference points to.
    fn locate_part(
        &self,
        at: &Located<'ctx, 'a>,
        projection: &Projection,
    ) -> Result<Located<'ctx, 'a>> {
        match (projection, at.ty) {
            (Projection::Field(index), ty @ (Ty::Tuple(_) | Ty::Struct(_))) => {
                let field = layout::field(ty, *index)?;
                Ok(Located {
                    address: self.offset(at.address, field.offset)?,
                    ty: field.ty,
                })
            }
            (Projection::Deref, Ty::Ref { to, .. }) => Ok(Located {
                address: self.load_pointer(at.address)?,
                ty: to,
            }),
            (projection, ty) => Err(CodegenError::bug(format!("{projection:?} of a {ty:?}"))),
        }
    }

    /// An element, its index evaluated and checked.
    fn locate_element(
        &mut self,
        at: &Located<'ctx, 'a>,
        index: ExprId,
        site: Option<SiteId>,
    ) -> Result<Located<'ctx, 'a>> {
        let (Ty::Slice { elem, .. } | Ty::Array { elem, .. }) = at.ty else {
            return Err(CodegenError::bug(format!("an index of a {:?}", at.ty)));
        };
        let made = self.made_bounds.contains(&index);
        let index = int(self.emit_expr(index)?)?;
        if let (Some(site), false) = (site, made) {
            // Pointer and length are read after the index: it cannot change them, and LLVM sees fewer live values.
            let length = self.length(at)?;
            let outside = self
                .builder
                .build_int_compare(IntPredicate::UGE, index, length, "")?;
            self.trap_if(outside, site, &[index.into(), length.into()])?;
        }
        let first = self.first_element(at)?;
        Ok(Located {
            address: self.element_address(first, index, elem)?,
            ty: elem,
        })
    }

    /// Says that an element of `base` will be read soon, if there is such an element.
    pub(super) fn emit_advice(&mut self, base: &Place, index: ExprId) -> Result<()> {
        let at = self.locate(base)?;
        let (Ty::Slice { elem, .. } | Ty::Array { elem, .. }) = at.ty else {
            return Err(CodegenError::bug(format!("an element of a {:?}", at.ty)));
        };
        let index = int(self.emit_expr(index)?)?;
        let first = self.first_element(&at)?;
        let elem = self.memory_type(elem)?;
        // SAFETY: not `inbounds`, so any index will do; nothing is done at the address.
        let address = unsafe { self.builder.build_gep(elem, first, &[index], "") }?;
        let callee = Intrinsic::find("llvm.prefetch")
            .and_then(|it| it.get_declaration(self.module, &[self.pointer_type().into()]))
            .ok_or_else(|| CodegenError::Llvm("this LLVM has no `llvm.prefetch`".into()))?;
        // To be read, and to stay in the cache; data.
        let [read, keep, data] = [0, 3, 1].map(|value| self.int_const(32, value).into());
        let args = [address.into(), read, keep, data];
        self.builder.build_call(callee, &args, "")?;
        Ok(())
    }

    /// The memory of a local.
    pub(super) fn local_address(&self, index: usize) -> Result<PointerValue<'ctx>> {
        self.locals
            .get(index)
            .copied()
            .ok_or_else(|| CodegenError::bug("an unknown local"))
    }

    /// The length of the slice or array at a place.
    pub(super) fn length(&self, at: &Located<'ctx, 'a>) -> Result<IntValue<'ctx>> {
        match at.ty {
            Ty::Array { len, .. } => Ok(self.int_const(64, (*len).into())),
            Ty::Slice { .. } => {
                let length = self.offset(at.address, 8)?;
                int(self.load_as(self.context.i64_type().into(), length, 8)?)
            }
            ty => Err(CodegenError::bug(format!("the length of a {ty:?}"))),
        }
    }

    /// The address of the first element of the slice or array at a place.
    fn first_element(&self, at: &Located<'ctx, 'a>) -> Result<PointerValue<'ctx>> {
        match at.ty {
            Ty::Slice { .. } => self.load_pointer(at.address),
            _ => Ok(at.address),
        }
    }

    /// The address of an element whose index has been checked, or of the end.
    fn element_address(
        &self,
        first: PointerValue<'ctx>,
        index: IntValue<'ctx>,
        elem: &Ty,
    ) -> Result<PointerValue<'ctx>> {
        let elem = self.memory_type(elem)?;
        // SAFETY: the index is at most the length, as `locate_element`, `emit_sub_slice` or the statement's guard has checked, or as the IR
        // promises of an index without a site: the address is inside the allocation or at its end.
        Ok(unsafe { self.builder.build_in_bounds_gep(elem, first, &[index], "") }?)
    }

    /// `&base[start..end]`.
    pub(super) fn emit_sub_slice(
        &mut self,
        base: &Place,
        start: Option<ExprId>,
        end: Option<ExprId>,
        site: Option<SiteId>,
    ) -> Result<Value<'ctx>> {
        let base = self.locate(base)?;
        let start = start.map(|start| self.emit_int(start)).transpose()?;
        let end = end.map(|end| self.emit_int(end)).transpose()?;
        let length = self.length(&base)?;
        let first = start.unwrap_or_else(|| self.int_const(64, 0));
        let behind = end.unwrap_or(length);
        if let Some(site) = site {
            let greater = |lhs, rhs| {
                self.builder
                    .build_int_compare(IntPredicate::UGT, lhs, rhs, "")
            };
            let mut fails = greater(first, behind)?;
            if start.is_some() && end.is_some() {
                fails = self.builder.build_or(fails, greater(behind, length)?, "")?;
            } else if end.is_some() {
                fails = greater(behind, length)?;
            }
            self.trap_if(fails, site, &[first.into(), behind.into(), length.into()])?;
        }
        let (Ty::Slice { elem, .. } | Ty::Array { elem, .. }) = base.ty else {
            return Err(CodegenError::bug(format!("a part of a {:?}", base.ty)));
        };
        let mut pointer = self.first_element(&base)?;
        let mut count = behind;
        if start.is_some() {
            pointer = self.element_address(pointer, first, elem)?;
            count = self.builder.build_int_nuw_sub(behind, first, "")?;
        }
        self.build_slice(pointer, count)
    }
}
