//! Loops whose iterations are the lanes of vectors ([`LoopHints::lanes`](hotloop_ir::LoopHints)): each operation becomes one for all
//! lanes. What has no such form (a load with a stride, a library function) is done lane by lane.

use std::collections::HashMap;

use hotloop_ir::{
    BinaryOp, ConstValue, ExprId, ExprKind, Intrinsic, LocalId, Loop, Place, Projection, ScalarTy,
    StmtKind, Ty, UnaryOp,
};
use inkwell::types::{BasicTypeEnum, VectorType};
use inkwell::values::VectorValue;
use inkwell::{FloatPredicate, IntPredicate};

use super::memory::set_alignment;
use super::{CodegenError, Emitter, Result, Value, layout};

/// The value of an expression in all lanes.
#[derive(Clone, Copy)]
enum Lanes<'ctx> {
    Same(Value<'ctx>),
    Each(VectorValue<'ctx>),
}

/// The loop that is being emitted.
struct Vectorized<'ctx> {
    var: LocalId,
    lanes: u32,
    /// The values of the locals that were assigned in the loop.
    private: HashMap<LocalId, VectorValue<'ctx>>,
}

impl<'ctx> Emitter<'ctx, '_> {
    /// Emits a loop as vector code, if it has the form for that; otherwise it says `false` and emits nothing.
    pub(super) fn emit_lanes(&mut self, loop_: &Loop) -> Result<bool> {
        if !self.is_lanes_loop(loop_) {
            return Ok(false);
        }
        let mut state = Vectorized {
            var: loop_.var,
            lanes: loop_.hints.lanes,
            private: HashMap::new(),
        };
        // Places and what does not vary are evaluated in lane 0.
        self.enter_lane(&state, 0)?;
        for stmt in &loop_.body.stmts {
            if let StmtKind::Assign { place, value } = &stmt.kind {
                self.emit_lanes_assign(&mut state, place, *value)?;
            }
        }
        self.enter_lane(&state, state.lanes - 1)?;
        Ok(true)
    }

    fn is_lanes_loop(&self, loop_: &Loop) -> bool {
        let constant = |expr: ExprId| match self.func.exprs.get(expr).map(|expr| &expr.kind) {
            Some(ExprKind::Const(ConstValue::Int(value))) => Some(*value),
            _ => None,
        };
        let lanes = loop_.hints.lanes;
        lanes > 1
            && !loop_.inclusive
            && !loop_.reversed
            && constant(loop_.start) == Some(0)
            && constant(loop_.end) == Some(lanes.into())
            && constant(loop_.step) == Some(1)
            && (loop_.body.stmts.iter()).all(|stmt| match &stmt.kind {
                StmtKind::Assign { place, value } => {
                    self.func
                        .exprs
                        .get(*value)
                        .is_some_and(|value| value.ty.as_scalar().is_some())
                        && matches!(
                            place.projections.as_slice(),
                            [] | [Projection::Index { .. }]
                        )
                }
                _ => false,
            })
    }

    /// Gives the variable and the private locals their values of one lane.
    fn enter_lane(&mut self, state: &Vectorized<'ctx>, lane: u32) -> Result<()> {
        let ty = self.local_ty(state.var)?;
        let number = self.int_const(self.scalar_of(&ty)?.bits(), lane.into());
        let address = self.local_address(state.var.index())?;
        self.store(address, number.into(), &ty)?;
        for (&local, &values) in &state.private {
            let ty = self.local_ty(local)?;
            let value = self.extract(values, lane)?;
            self.store(self.local_address(local.index())?, value, &ty)?;
        }
        Ok(())
    }

    fn emit_lanes_assign(
        &mut self,
        state: &mut Vectorized<'ctx>,
        place: &Place,
        value: ExprId,
    ) -> Result<()> {
        let elem = self.expr_scalar(value)?;
        let value = self.emit_each(state, value)?;
        let value = self.broadcast(state, value)?;
        let [Projection::Index { index, .. }] = place.projections.as_slice() else {
            state.private.insert(place.local, value);
            return Ok(());
        };
        if self.stride(state, *index) == Some(1) && elem != ScalarTy::Bool {
            let at = self.locate(place)?;
            let store = self.builder.build_store(at.address, value)?;
            return set_alignment(store, layout::of(at.ty)?.align);
        }
        for lane in 0..state.lanes {
            self.enter_lane(state, lane)?;
            let value = self.extract(value, lane)?;
            let at = self.locate(place)?;
            self.store(at.address, value, at.ty)?;
        }
        self.enter_lane(state, 0)
    }

    fn emit_each(&mut self, state: &Vectorized<'ctx>, id: ExprId) -> Result<Lanes<'ctx>> {
        if !self.varies(state, id) {
            return Ok(Lanes::Same(self.emit_expr(id)?));
        }
        let func = self.func;
        let expr =
            (func.exprs.get(id)).ok_or_else(|| CodegenError::bug("an unknown expression"))?;
        let ty = self.scalar_of(&expr.ty)?;
        let each = match &expr.kind {
            ExprKind::Load(place) => match place.projections.as_slice() {
                [] => state.private.get(&place.local).copied(),
                [Projection::Index { index, .. }]
                    if self.stride(state, *index) == Some(1) && ty != ScalarTy::Bool =>
                {
                    let at = self.locate(place)?;
                    let vector = self.lanes_type(state, ty)?;
                    let value =
                        self.load_as(vector.into(), at.address, layout::of(at.ty)?.align)?;
                    Some(value.into_vector_value())
                }
                _ => None,
            },
            ExprKind::Unary {
                op: UnaryOp::Neg,
                operand,
                site: None,
            } if ty.is_float() => {
                let operand = self.emit_vector(state, *operand)?;
                let negated = self.builder.build_float_neg(operand, "")?;
                Some(self.vector_with_flags(negated)?)
            }
            ExprKind::Binary {
                op,
                lhs,
                rhs,
                site: None,
            } if self.is_vector_op(*op, *lhs)? => {
                let operands = self.expr_scalar(*lhs)?;
                let (lhs, rhs) = (
                    self.emit_vector(state, *lhs)?,
                    self.emit_vector(state, *rhs)?,
                );
                Some(self.vector_binary(*op, operands, lhs, rhs)?)
            }
            ExprKind::Select {
                cond,
                then,
                otherwise,
            } if !self.reads_memory(*then) && !self.reads_memory(*otherwise) => {
                let cond = self.emit_vector(state, *cond)?;
                let then = self.emit_vector(state, *then)?;
                let otherwise = self.emit_vector(state, *otherwise)?;
                let chosen = self.builder.build_select(cond, then, otherwise, "")?;
                Some(chosen.into_vector_value())
            }
            ExprKind::Call {
                intrinsic,
                args,
                site: None,
            } if ty.is_float() && vector_name(*intrinsic).is_some() => {
                let mut values = Vec::with_capacity(args.len());
                for &arg in args {
                    values.push(self.emit_vector(state, arg)?.into());
                }
                let name = vector_name(*intrinsic).unwrap_or_default();
                let vector = self.lanes_type(state, ty)?;
                let value = self.call_llvm(name, &[vector.into()], &values)?;
                Some(self.with_flags(value)?.into_vector_value())
            }
            _ => None,
        };
        match each {
            Some(each) => Ok(Lanes::Each(each)),
            None => self.emit_lane_by_lane(state, id, ty),
        }
    }

    fn emit_lane_by_lane(
        &mut self,
        state: &Vectorized<'ctx>,
        id: ExprId,
        ty: ScalarTy,
    ) -> Result<Lanes<'ctx>> {
        let mut all = self.lanes_type(state, ty)?.get_poison();
        for lane in 0..state.lanes {
            self.enter_lane(state, lane)?;
            let value = self.emit_expr(id)?;
            let number = self.context.i32_type().const_int(lane.into(), false);
            all = self.builder.build_insert_element(all, value, number, "")?;
        }
        self.enter_lane(state, 0)?;
        Ok(Lanes::Each(all))
    }

    fn emit_vector(&mut self, state: &Vectorized<'ctx>, id: ExprId) -> Result<VectorValue<'ctx>> {
        let value = self.emit_each(state, id)?;
        self.broadcast(state, value)
    }

    fn broadcast(&self, state: &Vectorized<'ctx>, value: Lanes<'ctx>) -> Result<VectorValue<'ctx>> {
        let value = match value {
            Lanes::Each(each) => return Ok(each),
            Lanes::Same(value) => value,
        };
        let vector = vector_of(value.get_type(), state.lanes)?;
        let zero = self.context.i32_type().const_zero();
        let first = (self.builder).build_insert_element(vector.get_poison(), value, zero, "")?;
        let mask = self.context.i32_type().vec_type(state.lanes).const_zero();
        let splat = self
            .builder
            .build_shuffle_vector(first, vector.get_poison(), mask, "")?;
        Ok(splat)
    }

    fn extract(&self, values: VectorValue<'ctx>, lane: u32) -> Result<Value<'ctx>> {
        let number = self.context.i32_type().const_int(lane.into(), false);
        Ok(self.builder.build_extract_element(values, number, "")?)
    }

    fn vector_binary(
        &self,
        op: BinaryOp,
        ty: ScalarTy,
        lhs: VectorValue<'ctx>,
        rhs: VectorValue<'ctx>,
    ) -> Result<VectorValue<'ctx>> {
        let builder = &self.builder;
        if !ty.is_float() {
            return Ok(match op {
                BinaryOp::Add => builder.build_int_add(lhs, rhs, "")?,
                BinaryOp::Sub => builder.build_int_sub(lhs, rhs, "")?,
                BinaryOp::Mul => builder.build_int_mul(lhs, rhs, "")?,
                BinaryOp::BitAnd => builder.build_and(lhs, rhs, "")?,
                BinaryOp::BitOr => builder.build_or(lhs, rhs, "")?,
                BinaryOp::BitXor => builder.build_xor(lhs, rhs, "")?,
                _ => {
                    let predicate = match (op, ty.is_signed_int()) {
                        (BinaryOp::Eq, _) => IntPredicate::EQ,
                        (BinaryOp::Ne, _) => IntPredicate::NE,
                        (BinaryOp::Lt, true) => IntPredicate::SLT,
                        (BinaryOp::Lt, false) => IntPredicate::ULT,
                        (BinaryOp::Le, true) => IntPredicate::SLE,
                        (BinaryOp::Le, false) => IntPredicate::ULE,
                        (BinaryOp::Gt, true) => IntPredicate::SGT,
                        (BinaryOp::Gt, false) => IntPredicate::UGT,
                        (BinaryOp::Ge, true) => IntPredicate::SGE,
                        (_, _) => IntPredicate::UGE,
                    };
                    builder.build_int_compare(predicate, lhs, rhs, "")?
                }
            });
        }
        let value = match op {
            BinaryOp::Add => builder.build_float_add(lhs, rhs, "")?,
            BinaryOp::Sub => builder.build_float_sub(lhs, rhs, "")?,
            BinaryOp::Mul => builder.build_float_mul(lhs, rhs, "")?,
            BinaryOp::Div => builder.build_float_div(lhs, rhs, "")?,
            _ => {
                let predicate = match op {
                    BinaryOp::Eq => FloatPredicate::OEQ,
                    BinaryOp::Ne => FloatPredicate::UNE,
                    BinaryOp::Lt => FloatPredicate::OLT,
                    BinaryOp::Le => FloatPredicate::OLE,
                    BinaryOp::Gt => FloatPredicate::OGT,
                    _ => FloatPredicate::OGE,
                };
                return Ok(builder.build_float_compare(predicate, lhs, rhs, "")?);
            }
        };
        self.vector_with_flags(value)
    }

    fn vector_with_flags(&self, value: VectorValue<'ctx>) -> Result<VectorValue<'ctx>> {
        Ok(self.with_flags(value)?.into_vector_value())
    }

    /// Whether [`Self::vector_binary`] has the operator for such operands.
    fn is_vector_op(&self, op: BinaryOp, lhs: ExprId) -> Result<bool> {
        let ty = self.expr_scalar(lhs)?;
        Ok(match op {
            BinaryOp::Rem | BinaryOp::Shl | BinaryOp::Shr => false,
            BinaryOp::Div => ty.is_float(),
            _ => ty != ScalarTy::Bool,
        })
    }

    /// Whether the value may differ between lanes.
    fn varies(&self, state: &Vectorized<'ctx>, id: ExprId) -> bool {
        let Some(expr) = self.func.exprs.get(id) else {
            return true;
        };
        let mut varies = expr.kind.place().is_some_and(|place| {
            place.local == state.var || state.private.contains_key(&place.local)
        });
        expr.kind
            .for_each_operand(|operand| varies = varies || self.varies(state, operand));
        varies
    }

    fn reads_memory(&self, id: ExprId) -> bool {
        let Some(expr) = self.func.exprs.get(id) else {
            return true;
        };
        let mut reads = (expr.kind.place()).is_some_and(|place| !place.projections.is_empty());
        expr.kind
            .for_each_operand(|operand| reads = reads || self.reads_memory(operand));
        reads
    }

    /// By how much an index grows from lane to lane, if that is known.
    fn stride(&self, state: &Vectorized<'ctx>, index: ExprId) -> Option<i128> {
        if !self.varies(state, index) {
            return Some(0);
        }
        match &self.func.exprs.get(index)?.kind {
            ExprKind::Load(place) if place.projections.is_empty() && place.local == state.var => {
                Some(1)
            }
            ExprKind::Binary { op, lhs, rhs, .. } => {
                let lhs = self.stride(state, *lhs)?;
                let rhs = self.stride(state, *rhs)?;
                match op {
                    BinaryOp::Add => lhs.checked_add(rhs),
                    BinaryOp::Sub => lhs.checked_sub(rhs),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn lanes_type(&self, state: &Vectorized<'ctx>, ty: ScalarTy) -> Result<VectorType<'ctx>> {
        vector_of(self.register_type(ty), state.lanes)
    }

    fn local_ty(&self, local: LocalId) -> Result<Ty> {
        let local = self.func.locals.get(local);
        let local = local.ok_or_else(|| CodegenError::bug("an unknown local"))?;
        Ok(local.ty.clone())
    }

    fn scalar_of(&self, ty: &Ty) -> Result<ScalarTy> {
        ty.as_scalar()
            .ok_or_else(|| CodegenError::bug(format!("{ty:?} in a vector")))
    }
}

/// The vector type with so many lanes of this type.
fn vector_of(ty: BasicTypeEnum<'_>, lanes: u32) -> Result<VectorType<'_>> {
    match ty {
        BasicTypeEnum::IntType(ty) => Ok(ty.vec_type(lanes)),
        BasicTypeEnum::FloatType(ty) => Ok(ty.vec_type(lanes)),
        other => Err(CodegenError::bug(format!("a vector of {other:?}"))),
    }
}

/// The intrinsic of LLVM for a method that is one instruction, or a few.
fn vector_name(intrinsic: Intrinsic) -> Option<&'static str> {
    Some(match intrinsic {
        Intrinsic::Sqrt => "llvm.sqrt",
        Intrinsic::MulAdd => "llvm.fma",
        Intrinsic::Abs => "llvm.fabs",
        Intrinsic::Min => "llvm.minnum",
        Intrinsic::Max => "llvm.maxnum",
        Intrinsic::Floor => "llvm.floor",
        Intrinsic::Ceil => "llvm.ceil",
        Intrinsic::Trunc => "llvm.trunc",
        Intrinsic::Copysign => "llvm.copysign",
        _ => return None,
    })
}
