//! Aggregates: tuples, arrays and structs are built in memory, tables of constants are there already.

use hotloop_ir::{ConstValue, ExprId, ExprKind, Handle, Local, Ty};
use inkwell::module::Linkage;
use inkwell::values::{BasicValue, GlobalValue, PointerValue};

use super::layout::{self, Layout};
use super::memory::MANY;
use super::{CodegenError, Emitter, Result, Value, int};

/// How large a list of constants is that is copied from constant memory.
const CONSTANT_BYTES: std::ops::RangeInclusive<u64> = 129..=1 << 20;

impl<'ctx> Emitter<'ctx, '_> {
    /// Builds the value of an expression that is an aggregate, in memory of its own.
    pub(super) fn emit_aggregate(&mut self, id: ExprId, ty: &Ty) -> Result<Value<'ctx>> {
        if let Some(constant) = self.emit_constant(id, ty)? {
            return Ok(constant.into());
        }
        let address = match self.temporaries.get(&id) {
            Some(&address) => address,
            None => {
                let address = self.allocate(ty, "value")?;
                self.temporaries.insert(id, address);
                address
            }
        };
        self.emit_into(id, address)?;
        Ok(address.into())
    }

    /// Evaluates an expression into memory that is aligned for it, and that the expression does not read.
    pub(super) fn emit_into(&mut self, id: ExprId, to: PointerValue<'ctx>) -> Result<()> {
        let func = self.func;
        let expr = func
            .exprs
            .get(id)
            .ok_or_else(|| CodegenError::bug("an unknown expression"))?;
        let ty = &expr.ty;
        if !layout::in_memory(ty) {
            let value = self.emit_expr(id)?;
            return self.store(to, value, ty);
        }
        if let Some(constant) = self.emit_constant(id, ty)? {
            return self.store(to, constant.into(), ty);
        }
        match (&expr.kind, ty) {
            (ExprKind::Tuple(elems) | ExprKind::Struct(elems), Ty::Tuple(_) | Ty::Struct(_)) => {
                let fields = layout::fields(ty)?;
                if fields.len() != elems.len() {
                    return Err(CodegenError::bug(
                        "an aggregate with too many or few fields",
                    ));
                }
                for (field, &elem) in fields.iter().zip(elems) {
                    self.emit_part(elem, to, field.offset)?;
                }
                Ok(())
            }
            (ExprKind::Array(elems), Ty::Array { elem: of, len }) => {
                if elems.len() as u64 != *len {
                    return Err(CodegenError::bug("an array of another length"));
                }
                let stride = layout::of(of)?.size;
                for (index, &elem) in elems.iter().enumerate() {
                    self.emit_part(elem, to, index as u64 * stride)?;
                }
                Ok(())
            }
            (ExprKind::Repeat(_), _) if self.is_zero(id) => self.fill_zero(to, ty),
            (ExprKind::Repeat(value), Ty::Array { elem, len }) => {
                let value = self.emit_expr(*value)?;
                self.emit_repeat(value, elem, *len, to)
            }
            (ExprKind::Zeroed, _) => self.emit_zeroed_into(to, ty),
            (
                ExprKind::Select {
                    cond,
                    then,
                    otherwise,
                },
                _,
            ) => {
                let cond = self.emit_int(*cond)?;
                let then_block = self.append_block("then");
                let else_block = self.append_block("else");
                let done = self.append_block("selected");
                self.builder
                    .build_conditional_branch(cond, then_block, else_block)?;
                for (block, value) in [(then_block, *then), (else_block, *otherwise)] {
                    self.builder.position_at_end(block);
                    self.emit_into(value, to)?;
                    self.builder.build_unconditional_branch(done)?;
                }
                self.builder.position_at_end(done);
                Ok(())
            }
            (ExprKind::Load(_) | ExprKind::Call { .. }, _) => {
                let value = self.emit_expr(id)?;
                self.store(to, value, ty)
            }
            (kind, ty) => Err(CodegenError::bug(format!("{kind:?} of type {ty:?}"))),
        }
    }

    /// Evaluates a part of an aggregate to its place in it.
    fn emit_part(&mut self, elem: ExprId, whole: PointerValue<'ctx>, offset: u64) -> Result<()> {
        if layout::in_memory(self.expr_ty(elem)?) {
            let part = self.offset(whole, offset)?;
            return self.emit_into(elem, part);
        }
        // The address last: where evaluating takes branches, it is close to its store.
        let value = self.emit_expr(elem)?;
        let part = self.offset(whole, offset)?;
        self.store(part, value, self.expr_ty(elem)?)
    }

    /// Fills an array with one value.
    fn emit_repeat(
        &self,
        value: Value<'ctx>,
        elem: &Ty,
        len: u64,
        to: PointerValue<'ctx>,
    ) -> Result<()> {
        let stride = layout::of(elem)?.size;
        if len <= MANY as u64 {
            for index in 0..len {
                let at = self.offset(to, index * stride)?;
                self.store(at, value, elem)?;
            }
            return Ok(());
        }
        let before = self.current_block()?;
        let fill = self.append_block("fill");
        let filled = self.append_block("filled");
        self.builder.build_unconditional_branch(fill)?;
        self.builder.position_at_end(fill);
        let index_ty = self.context.i64_type();
        let phi = self.builder.build_phi(index_ty, "")?;
        let index = int(phi.as_basic_value())?;
        let elem_ty = self.memory_type(elem)?;
        // SAFETY: the index is below the array's length, up to which the loop counts.
        let at = unsafe { self.builder.build_in_bounds_gep(elem_ty, to, &[index], "") }?;
        self.store(at, value, elem)?;
        let one = index_ty.const_int(1, false);
        let next = self.builder.build_int_nuw_add(index, one, "")?;
        let end = index_ty.const_int(len, false);
        let more = self
            .builder
            .build_int_compare(inkwell::IntPredicate::ULT, next, end, "")?;
        self.builder.build_conditional_branch(more, fill, filled)?;
        phi.add_incoming(&[(&index_ty.const_zero(), before), (&next, fill)]);
        self.builder.position_at_end(filled);
        Ok(())
    }

    /// Whether all bits of an expression's value are 0, for what it takes no computation to see.
    fn is_zero(&self, id: ExprId) -> bool {
        let Some(expr) = self.func.exprs.get(id) else {
            return false;
        };
        match &expr.kind {
            ExprKind::Const(value) => matches!(
                value,
                ConstValue::Bool(false)
                    | ConstValue::Int(0)
                    | ConstValue::F32(0)
                    | ConstValue::F64(0)
            ),
            ExprKind::Repeat(value) => self.is_zero(*value),
            ExprKind::Array(elems) | ExprKind::Tuple(elems) | ExprKind::Struct(elems) => {
                elems.iter().all(|&elem| self.is_zero(elem))
            }
            ExprKind::Zeroed => !expr.ty.has_refs(),
            _ => false,
        }
    }

    /// Memory that holds the value of an expression, if that is a list of constants that is not better stored one by one.
    fn emit_constant(&self, id: ExprId, ty: &Ty) -> Result<Option<PointerValue<'ctx>>> {
        let is_list = self.func.exprs.get(id).is_some_and(|expr| {
            matches!(
                expr.kind,
                ExprKind::Array(_) | ExprKind::Tuple(_) | ExprKind::Struct(_)
            )
        });
        let layout = layout::of(ty)?;
        if !is_list || !CONSTANT_BYTES.contains(&layout.size) {
            return Ok(None);
        }
        let mut bytes = vec![0; layout.size as usize];
        if !self.fill_constant(id, &mut bytes)? {
            return Ok(None);
        }
        let bytes = self.context.const_string(&bytes, false);
        self.constant("constant", layout.align, bytes).map(Some)
    }

    /// Writes the bytes of an expression that is made of constants; false if it is not.
    fn fill_constant(&self, id: ExprId, bytes: &mut [u8]) -> Result<bool> {
        let Some(expr) = self.func.exprs.get(id) else {
            return Ok(false);
        };
        let mut fill = |elem: ExprId, offset: u64| -> Result<bool> {
            let size = layout::of(self.expr_ty(elem)?)?.size;
            let part = usize::try_from(offset).ok().zip(usize::try_from(size).ok());
            let part = part.and_then(|(start, size)| bytes.get_mut(start..)?.get_mut(..size));
            match part {
                Some(part) => self.fill_constant(elem, part),
                None => Ok(false),
            }
        };
        match (&expr.kind, &expr.ty) {
            (ExprKind::Const(value), _) => {
                let bits = match *value {
                    ConstValue::Bool(value) => value.into(),
                    ConstValue::Int(bits) => bits,
                    ConstValue::F32(bits) => bits.into(),
                    ConstValue::F64(bits) => bits.into(),
                };
                for (byte, value) in bytes.iter_mut().zip(bits.to_le_bytes()) {
                    *byte = value;
                }
                Ok(true)
            }
            (ExprKind::Tuple(elems) | ExprKind::Struct(elems), ty) => {
                for (field, &elem) in layout::fields(ty)?.iter().zip(elems) {
                    if !fill(elem, field.offset)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (ExprKind::Array(elems), Ty::Array { elem: of, .. }) => {
                let stride = layout::of(of)?.size;
                for (index, &elem) in elems.iter().enumerate() {
                    if !fill(elem, index as u64 * stride)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// A value whose bits do not matter. References and slices must be valid all the same, as parameters are declared to LLVM as such:
    /// they point to zeros that nothing writes to.
    pub(super) fn emit_zeroed(&self, ty: &Ty) -> Result<Value<'ctx>> {
        match ty {
            Ty::Ref { to, .. } => Ok(self.zeros(layout::of(to)?)?.into()),
            Ty::Slice { elem, .. } => {
                let first = self.zeros(layout::of(elem)?)?;
                self.build_slice(first, self.int_const(64, 0))
            }
            _ if layout::in_memory(ty) => {
                let address = self.allocate(ty, "zeroed")?;
                self.emit_zeroed_into(address, ty)?;
                Ok(address.into())
            }
            _ => Ok(self.value_type(ty)?.const_zero()),
        }
    }

    fn emit_zeroed_into(&self, to: PointerValue<'ctx>, ty: &Ty) -> Result<()> {
        if !ty.has_refs() {
            return self.fill_zero(to, ty);
        }
        match ty {
            Ty::Tuple(_) | Ty::Struct(_) => {
                for field in layout::fields(ty)? {
                    let part = self.offset(to, field.offset)?;
                    self.emit_zeroed_into(part, field.ty)?;
                }
                Ok(())
            }
            Ty::Array { elem, len } => self.emit_repeat(self.emit_zeroed(elem)?, elem, *len, to),
            _ => self.store(to, self.emit_zeroed(ty)?, ty),
        }
    }

    /// Constant memory full of zeros.
    fn zeros(&self, layout: Layout) -> Result<PointerValue<'ctx>> {
        let ty = self.bytes_type(layout.size)?;
        self.constant("zeros", layout.align, ty.const_zero())
    }

    /// The address of a table of constants.
    pub(super) fn emit_table(&mut self, table: u32) -> Result<PointerValue<'ctx>> {
        if let Some(&address) = self.tables.get(&table) {
            return Ok(address);
        }
        let data = self
            .func
            .tables
            .get(table as usize)
            .ok_or_else(|| CodegenError::bug("an unknown table"))?;
        let layout = layout::of(&data.ty)?;
        if data.bytes.len() as u64 != layout.size {
            return Err(CodegenError::bug("a table of another size than its type"));
        }
        let bytes = self.context.const_string(&data.bytes, false);
        let address = self.constant("table", layout.align, bytes)?;
        self.tables.insert(table, address);
        Ok(address)
    }

    /// Constant memory with this content.
    fn constant(
        &self,
        name: &str,
        align: u64,
        content: inkwell::values::ArrayValue<'ctx>,
    ) -> Result<PointerValue<'ctx>> {
        let align = u32::try_from(align)
            .map_err(|_| CodegenError::Unsupported("an alignment of this size".into()))?;
        let global: GlobalValue<'ctx> = self.module.add_global(content.get_type(), None, name);
        global.set_linkage(Linkage::Private);
        global.set_constant(true);
        global.set_unnamed_addr(true);
        global.set_alignment(align);
        global.set_initializer(&content.as_basic_value_enum());
        Ok(global.as_pointer_value())
    }

    /// Whether an expression builds an aggregate without reading this local, so that it may do so right in the local's memory.
    pub(super) fn builds_apart_from(&self, id: ExprId, local: Handle<Local>) -> bool {
        let builds = self.func.exprs.get(id).is_some_and(|expr| {
            matches!(
                expr.kind,
                ExprKind::Tuple(_)
                    | ExprKind::Array(_)
                    | ExprKind::Struct(_)
                    | ExprKind::Repeat(_)
                    | ExprKind::Zeroed
            )
        });
        builds && !self.borrowed.contains(&local) && !self.reads(id, local)
    }

    fn reads(&self, id: ExprId, local: Handle<Local>) -> bool {
        let Some(expr) = self.func.exprs.get(id) else {
            return true;
        };
        let mut reads = expr.kind.place().is_some_and(|place| place.local == local);
        expr.kind
            .for_each_operand(|operand| reads |= self.reads(operand, local));
        reads
    }
}
