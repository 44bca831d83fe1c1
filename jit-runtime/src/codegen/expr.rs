//! Expressions.

use hotloop_ir::{
    BinaryOp, ConstValue, ExprId, ExprKind, Intrinsic, Place, Projection, ScalarTy, SiteId, Ty,
    UnaryOp,
};
use inkwell::IntPredicate;

use super::guard::Checks;
use super::{CodegenError, Emitter, Result, Value, float, int, layout};

/// Operations of the second operand of `&&` that are no more work than a branch, and of either value of `if`.
const MOST_HASTY: usize = 5;
const MOST_SELECTED: usize = 2;

impl<'ctx, 'a> Emitter<'ctx, 'a> {
    /// The type of an expression.
    pub(super) fn expr_ty(&self, expr: ExprId) -> Result<&'a Ty> {
        let func = self.func;
        match func.exprs.get(expr) {
            Some(expr) => Ok(&expr.ty),
            None => Err(CodegenError::bug("an unknown expression")),
        }
    }

    /// The type of an expression that is a scalar.
    pub(super) fn expr_scalar(&self, expr: ExprId) -> Result<ScalarTy> {
        let ty = self.expr_ty(expr)?;
        ty.as_scalar()
            .ok_or_else(|| CodegenError::bug(format!("{ty:?} where a scalar is expected")))
    }

    /// Evaluates an expression.
    pub(super) fn emit_expr(&mut self, id: ExprId) -> Result<Value<'ctx>> {
        if !self.made.contains(&id) {
            return self.emit_expr_here(id);
        }
        let outside = self.checks.replace(Checks::Made);
        let value = self.emit_expr_here(id);
        self.checks.replace(outside);
        value
    }

    fn emit_expr_here(&mut self, id: ExprId) -> Result<Value<'ctx>> {
        let func = self.func;
        let expr = func
            .exprs
            .get(id)
            .ok_or_else(|| CodegenError::bug("an unknown expression"))?;
        match &expr.kind {
            ExprKind::Const(value) => self.emit_const(*value, self.expr_scalar(id)?),
            ExprKind::Named(name) => Err(CodegenError::bug(format!(
                "`{}` is left after specialization",
                name.name()
            ))),
            ExprKind::DebugAssertions => Err(CodegenError::bug(
                "`cfg!(debug_assertions)` is left after specialization",
            )),
            ExprKind::Load(place) => {
                let at = self.locate(place)?;
                self.load(at.address, at.ty)
            }
            ExprKind::Len(place) => {
                let at = self.locate(place)?;
                Ok(self.length(&at)?.into())
            }
            ExprKind::Borrow(place) => Ok(self.locate(place)?.address.into()),
            ExprKind::SubSlice {
                base,
                start,
                end,
                site,
            } => self.emit_sub_slice(base, *start, *end, *site),
            ExprKind::Table(table) => Ok(self.emit_table(*table)?.into()),
            ExprKind::Zeroed => self.emit_zeroed(&expr.ty),
            ExprKind::Tuple(_) | ExprKind::Array(_) | ExprKind::Struct(_) | ExprKind::Repeat(_) => {
                self.emit_aggregate(id, &expr.ty)
            }
            ExprKind::Select { .. } if layout::in_memory(&expr.ty) => {
                self.emit_aggregate(id, &expr.ty)
            }
            ExprKind::Unary { op, operand, site } => {
                let value = self.emit_expr(*operand)?;
                self.emit_unary(*op, value, self.expr_scalar(id)?, *site)
            }
            ExprKind::Binary { op, lhs, rhs, site } => {
                let (lhs_ty, rhs_ty) = (self.expr_scalar(*lhs)?, self.expr_scalar(*rhs)?);
                let lhs = self.emit_expr(*lhs)?;
                let rhs = self.emit_expr(*rhs)?;
                self.emit_binary(*op, (lhs, lhs_ty), (rhs, rhs_ty), *site)
            }
            ExprKind::ShortCircuit { or, lhs, rhs } => self.emit_short_circuit(*or, *lhs, *rhs),
            ExprKind::Select {
                cond,
                then,
                otherwise,
            } => self.emit_select(*cond, *then, *otherwise, &expr.ty),
            ExprKind::Cast { operand } => {
                let from = self.expr_scalar(*operand)?;
                let value = self.emit_expr(*operand)?;
                self.emit_cast(value, from, self.expr_scalar(id)?)
            }
            ExprKind::NumCast { operand, site } => {
                let (from, to) = (self.expr_scalar(*operand)?, self.expr_scalar(id)?);
                let value = self.emit_expr(*operand)?;
                let fits = self.emit_fits(value, from, to)?;
                let fails = self.builder.build_not(fits, "")?;
                self.trap_if(fails, *site, &[value])?;
                self.emit_cast(value, from, to)
            }
            ExprKind::NumCastFits { operand, target } => {
                let from = self.expr_scalar(*operand)?;
                let to = target
                    .as_scalar()
                    .ok_or_else(|| CodegenError::bug("a conversion to no scalar"))?;
                let value = self.emit_expr(*operand)?;
                Ok(self.emit_fits(value, from, to)?.into())
            }
            ExprKind::Call {
                intrinsic,
                args,
                site,
            } => self.emit_intrinsic(*intrinsic, args, *site, &expr.ty),
        }
    }

    fn emit_const(&self, value: ConstValue, ty: ScalarTy) -> Result<Value<'ctx>> {
        match (value, ty) {
            (ConstValue::Bool(value), ScalarTy::Bool) => Ok(self.int_const(1, value.into()).into()),
            (ConstValue::Int(value), ty) if ty.is_int() => {
                Ok(self.int_const(ty.bits(), value).into())
            }
            (ConstValue::F32(bits), ScalarTy::F32) => self.float_const(ty, bits.into()),
            (ConstValue::F64(bits), ScalarTy::F64) => self.float_const(ty, bits),
            (value, ty) => Err(CodegenError::bug(format!("{value:?} of type {ty}"))),
        }
    }

    /// A float constant from its bits, which a conversion through `f64` could change (NaN).
    pub(super) fn float_const(&self, ty: ScalarTy, bits: u64) -> Result<Value<'ctx>> {
        let bits = self.int_const(ty.bits(), bits.into());
        Ok(self.builder.build_bit_cast(bits, self.float_type(ty), "")?)
    }

    /// A float constant of either type from a value that both represent the same, or that the caller rounds as std does.
    pub(super) fn float_value(
        &self,
        ty: ScalarTy,
        single: f32,
        double: f64,
    ) -> Result<Value<'ctx>> {
        match ty {
            ScalarTy::F32 => self.float_const(ty, single.to_bits().into()),
            _ => self.float_const(ty, double.to_bits()),
        }
    }

    fn emit_unary(
        &self,
        op: UnaryOp,
        value: Value<'ctx>,
        ty: ScalarTy,
        site: Option<SiteId>,
    ) -> Result<Value<'ctx>> {
        match op {
            UnaryOp::Not => Ok(self.builder.build_not(int(value)?, "")?.into()),
            UnaryOp::Neg if ty.is_float() => {
                let negated = self.builder.build_float_neg(float(value)?, "")?;
                self.with_flags(negated)
            }
            UnaryOp::Neg => {
                let value = int(value)?;
                if let Some(site) = site {
                    let least = self.int_const(ty.bits(), 1 << (ty.bits() - 1));
                    let overflows =
                        self.builder
                            .build_int_compare(IntPredicate::EQ, value, least, "")?;
                    self.trap_if(overflows, site, &[value.into()])?;
                    return Ok(self.builder.build_int_nsw_neg(value, "")?.into());
                }
                Ok(self.builder.build_int_neg(value, "")?.into())
            }
        }
    }

    /// Whether an expression of at most so many operations can be computed where nobody asks for it, and is no more work than a branch.
    /// Branches cost most of LLVM's passes more time than arithmetic does.
    fn is_quick(&self, expr: ExprId, most: usize) -> bool {
        let mut operations = 0;
        self.count_quick(expr, &mut operations) && operations <= most
    }

    fn count_quick(&self, id: ExprId, operations: &mut usize) -> bool {
        let Some(expr) = self.func.exprs.get(id) else {
            return false;
        };
        let is_int = |id: ExprId| self.expr_scalar(id).is_ok_and(|ty| !ty.is_float());
        *operations += 1;
        let own = match &expr.kind {
            ExprKind::Const(_) | ExprKind::Load(_) | ExprKind::Len(_) => {
                *operations -= 1;
                let in_local = |place: &Place| {
                    (place.projections.iter()).all(|step| matches!(step, Projection::Field(_)))
                };
                expr.kind.place().is_none_or(in_local)
            }
            ExprKind::Unary { site, .. } => site.is_none(),
            ExprKind::Binary { op, site, .. } => {
                site.is_none()
                    && !matches!(
                        op,
                        BinaryOp::Div | BinaryOp::Rem | BinaryOp::Shl | BinaryOp::Shr
                    )
            }
            ExprKind::Cast { operand } => is_int(*operand) && is_int(id),
            ExprKind::ShortCircuit { .. } => true,
            ExprKind::Call {
                intrinsic: Intrinsic::Min | Intrinsic::Max,
                site: None,
                ..
            } => is_int(id),
            _ => false,
        };
        let mut quick = own && expr.ty.as_scalar().is_some();
        expr.kind.for_each_operand(|operand| {
            quick = quick && self.count_quick(operand, operations);
        });
        quick
    }

    fn emit_short_circuit(&mut self, or: bool, lhs: ExprId, rhs: ExprId) -> Result<Value<'ctx>> {
        let lhs = self.emit_int(lhs)?;
        if self.is_quick(rhs, MOST_HASTY) {
            let rhs = self.emit_expr(rhs)?;
            let decided = self.int_const(1, or.into()).into();
            let (yes, no) = if or { (decided, rhs) } else { (rhs, decided) };
            return Ok(self.builder.build_select(lhs, yes, no, "")?);
        }
        let from_lhs = self.current_block()?;
        let more = self.append_block("rhs");
        let done = self.append_block("decided");
        if or {
            self.builder.build_conditional_branch(lhs, done, more)?;
        } else {
            self.builder.build_conditional_branch(lhs, more, done)?;
        }
        self.builder.position_at_end(more);
        let rhs = self.emit_int(rhs)?;
        let from_rhs = self.current_block()?;
        self.builder.build_unconditional_branch(done)?;
        self.builder.position_at_end(done);
        let phi = self.builder.build_phi(self.context.bool_type(), "")?;
        let decided = self.int_const(1, or.into());
        phi.add_incoming(&[(&decided, from_lhs), (&rhs, from_rhs)]);
        Ok(phi.as_basic_value())
    }

    fn emit_select(
        &mut self,
        cond: ExprId,
        then: ExprId,
        otherwise: ExprId,
        ty: &Ty,
    ) -> Result<Value<'ctx>> {
        let cond = self.emit_int(cond)?;
        if self.is_quick(then, MOST_SELECTED) && self.is_quick(otherwise, MOST_SELECTED) {
            let (then, otherwise) = (self.emit_expr(then)?, self.emit_expr(otherwise)?);
            return Ok(self.builder.build_select(cond, then, otherwise, "")?);
        }
        let then_block = self.append_block("then");
        let else_block = self.append_block("else");
        let done = self.append_block("selected");
        self.builder
            .build_conditional_branch(cond, then_block, else_block)?;

        self.builder.position_at_end(then_block);
        let then = self.emit_expr(then)?;
        let from_then = self.current_block()?;
        self.builder.build_unconditional_branch(done)?;

        self.builder.position_at_end(else_block);
        let otherwise = self.emit_expr(otherwise)?;
        let from_else = self.current_block()?;
        self.builder.build_unconditional_branch(done)?;

        self.builder.position_at_end(done);
        let phi = self.builder.build_phi(self.value_type(ty)?, "")?;
        phi.add_incoming(&[(&then, from_then), (&otherwise, from_else)]);
        Ok(phi.as_basic_value())
    }

    /// A tuple of values.
    pub(super) fn build_tuple(&self, elems: &[(Value<'ctx>, &Ty)]) -> Result<Value<'ctx>> {
        let ty = Ty::Tuple(elems.iter().map(|(_, ty)| (*ty).clone()).collect());
        let tuple = self.allocate(&ty, "pair")?;
        for (field, (value, _)) in layout::fields(&ty)?.into_iter().zip(elems) {
            let part = self.offset(tuple, field.offset)?;
            self.store(part, *value, field.ty)?;
        }
        Ok(tuple.into())
    }
}
