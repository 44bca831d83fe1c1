//! Expressions.

use super::memory::{Sequence, zeroed};
use super::ops::{self, NoValue};
use super::value::Reference;
use super::{Evaluator, Scalar, Stop, Value, intrinsics, unsupported};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place, SiteId, UnaryOp};
use crate::intrinsic::Intrinsic;
use crate::ty::{ScalarTy, Ty};

impl Evaluator<'_> {
    pub(super) fn eval_scalar(&mut self, id: ExprId) -> Result<Scalar, Stop> {
        let value = self.eval(id)?;
        Ok(value
            .as_scalar()
            .ok_or_else(|| unsupported("an operand that is no scalar"))?)
    }

    pub(super) fn eval_bool(&mut self, id: ExprId) -> Result<bool, Stop> {
        Ok(self.eval_scalar(id)?.bits != 0)
    }

    fn scalar_ty(&self, id: ExprId) -> Result<ScalarTy, Stop> {
        let ty = self.frame.func.exprs[id].ty.as_scalar();
        Ok(ty.ok_or_else(|| unsupported("an expression that is no scalar"))?)
    }

    // What recurses is kept small, for the stack: each kind of expression has a function of its own.
    pub(super) fn eval(&mut self, id: ExprId) -> Result<Value, Stop> {
        self.burn()?;
        let func = self.frame.func;
        match &func.exprs[id].kind {
            ExprKind::Const(value) => self.eval_const(id, *value),
            ExprKind::Named(_) | ExprKind::DebugAssertions => {
                Err(unsupported("a constant that is not specialized").into())
            }
            ExprKind::Load(place) => self.load(place),
            ExprKind::Len(place) => self.eval_len(place),
            ExprKind::Unary { op, operand, site } => self.eval_unary(*op, *operand, *site),
            ExprKind::Binary { op, lhs, rhs, site } => self.eval_binary(*op, *lhs, *rhs, *site),
            ExprKind::ShortCircuit { or, lhs, rhs } => self.eval_short_circuit(*or, *lhs, *rhs),
            ExprKind::Select {
                cond,
                then,
                otherwise,
            } => self.eval_select(*cond, *then, *otherwise),
            ExprKind::Cast { operand } => self.eval_cast(id, *operand),
            ExprKind::NumCast { operand, site } => self.eval_num_cast(id, *operand, *site),
            ExprKind::NumCastFits { operand, target } => self.eval_fits(*operand, target),
            ExprKind::Call {
                intrinsic,
                args,
                site,
            } => self.eval_call(id, *intrinsic, args, *site),
            ExprKind::Borrow(place) => self.eval_borrow(id, place),
            ExprKind::SubSlice {
                base,
                start,
                end,
                site,
            } => self.eval_sub_slice(id, base, *start, *end, *site),
            ExprKind::Table(table) => self.table(id, *table as usize),
            ExprKind::Array(elems) => self.eval_array(id, elems),
            ExprKind::Repeat(value) => self.eval_repeat(id, *value),
            ExprKind::Struct(fields) => self.eval_struct(id, fields),
            ExprKind::Zeroed => self.eval_zeroed(id),
            ExprKind::Tuple(elems) => self.eval_tuple(elems),
        }
    }

    fn eval_len(&mut self, place: &Place) -> Result<Value, Stop> {
        let len = self.sequence(place)?.len;
        Ok(Value::Scalar(usize_scalar(len)))
    }

    fn eval_unary(
        &mut self,
        op: UnaryOp,
        operand: ExprId,
        site: Option<SiteId>,
    ) -> Result<Value, Stop> {
        let operand = self.eval_scalar(operand)?;
        let result = ops::unary(op, operand, site.is_some());
        self.finish(result.map(Value::Scalar), site, &[operand])
    }

    fn eval_binary(
        &mut self,
        op: BinaryOp,
        lhs: ExprId,
        rhs: ExprId,
        site: Option<SiteId>,
    ) -> Result<Value, Stop> {
        let lhs = self.eval_scalar(lhs)?;
        let rhs = self.eval_scalar(rhs)?;
        let result = ops::binary(op, lhs, rhs, site.is_some());
        self.finish(result.map(Value::Scalar), site, &[lhs, rhs])
    }

    fn eval_short_circuit(&mut self, or: bool, lhs: ExprId, rhs: ExprId) -> Result<Value, Stop> {
        let lhs = self.eval_bool(lhs)?;
        if lhs == or {
            return Ok(Value::from(lhs));
        }
        self.eval(rhs)
    }

    fn eval_select(
        &mut self,
        cond: ExprId,
        then: ExprId,
        otherwise: ExprId,
    ) -> Result<Value, Stop> {
        let chosen = if self.eval_bool(cond)? {
            then
        } else {
            otherwise
        };
        self.eval(chosen)
    }

    fn eval_cast(&mut self, id: ExprId, operand: ExprId) -> Result<Value, Stop> {
        let operand = self.eval_scalar(operand)?;
        Ok(Value::Scalar(ops::cast(operand, self.scalar_ty(id)?)))
    }

    fn eval_num_cast(&mut self, id: ExprId, operand: ExprId, site: SiteId) -> Result<Value, Stop> {
        let operand = self.eval_scalar(operand)?;
        match ops::num_cast(operand, self.scalar_ty(id)?) {
            Some(value) => Ok(Value::Scalar(value)),
            None => Err(self.trap(Some(site), &[operand])),
        }
    }

    fn eval_fits(&mut self, operand: ExprId, target: &Ty) -> Result<Value, Stop> {
        let operand = self.eval_scalar(operand)?;
        let target = target
            .as_scalar()
            .ok_or_else(|| unsupported("a conversion to something not scalar"))?;
        Ok(Value::from(ops::num_cast(operand, target).is_some()))
    }

    fn eval_call(
        &mut self,
        id: ExprId,
        intrinsic: Intrinsic,
        args: &[ExprId],
        site: Option<SiteId>,
    ) -> Result<Value, Stop> {
        let values = self.eval_scalars(args)?;
        let ty = match values.first() {
            Some(receiver) if intrinsic.receiver_is_self() => receiver.ty,
            Some(_) | None => self.scalar_ty(id)?,
        };
        let result = intrinsics::call(intrinsic, ty, &values, site.is_some());
        self.finish(result, site, &values)
    }

    fn eval_borrow(&mut self, id: ExprId, place: &Place) -> Result<Value, Stop> {
        let to = self.resolve(place)?;
        Ok(Value::Ref(Box::new(Reference {
            ty: self.frame.func.exprs[id].ty.clone(),
            object: to.object,
            path: to.path,
            start: 0,
            len: 0,
        })))
    }

    fn eval_array(&mut self, id: ExprId, elems: &[ExprId]) -> Result<Value, Stop> {
        let values = self.eval_all(elems)?;
        let (elem, _) = self.array_ty(id)?;
        let elem = elem.clone();
        Ok(Value::Array { elem, values })
    }

    fn eval_repeat(&mut self, id: ExprId, value: ExprId) -> Result<Value, Stop> {
        let value = self.eval(value)?;
        self.burn_value(&self.frame.func.exprs[id].ty)?;
        let (elem, len) = self.array_ty(id)?;
        Ok(Value::Array {
            elem: elem.clone(),
            values: vec![value; len as usize],
        })
    }

    fn array_ty(&self, id: ExprId) -> Result<(&Ty, u64), Stop> {
        match &self.frame.func.exprs[id].ty {
            Ty::Array { elem, len } => Ok((elem, *len)),
            _ => Err(unsupported("an array of another type").into()),
        }
    }

    fn eval_struct(&mut self, id: ExprId, fields: &[ExprId]) -> Result<Value, Stop> {
        let func = self.frame.func;
        let Ty::Struct(ty) = &func.exprs[id].ty else {
            return Err(unsupported("a struct of another type").into());
        };
        let fields = self.eval_all(fields)?;
        let ty = ty.clone();
        Ok(Value::Struct { ty, fields })
    }

    fn eval_zeroed(&mut self, id: ExprId) -> Result<Value, Stop> {
        let func = self.frame.func;
        let ty = &func.exprs[id].ty;
        self.burn_value(ty)?;
        Ok(zeroed(ty))
    }

    fn eval_tuple(&mut self, elems: &[ExprId]) -> Result<Value, Stop> {
        Ok(Value::Tuple(self.eval_all(elems)?))
    }

    fn eval_const(&self, id: ExprId, value: ConstValue) -> Result<Value, Stop> {
        let scalar = Scalar::from_const(self.scalar_ty(id)?, value);
        Ok(Value::Scalar(scalar.ok_or_else(|| {
            unsupported("a constant of another type")
        })?))
    }

    pub(super) fn eval_all(&mut self, ids: &[ExprId]) -> Result<Vec<Value>, Stop> {
        ids.iter().map(|&id| self.eval(id)).collect()
    }

    pub(super) fn eval_scalars(&mut self, ids: &[ExprId]) -> Result<Vec<Scalar>, Stop> {
        ids.iter().map(|&id| self.eval_scalar(id)).collect()
    }

    fn eval_sub_slice(
        &mut self,
        id: ExprId,
        base: &Place,
        start: Option<ExprId>,
        end: Option<ExprId>,
        site: Option<SiteId>,
    ) -> Result<Value, Stop> {
        let Sequence {
            object,
            path,
            start: first,
            len,
        } = self.sequence(base)?;
        let mut bound = |bound: Option<ExprId>, default: u64| match bound {
            Some(bound) => Ok(self.eval_scalar(bound)?.bits as u64),
            None => Ok::<_, Stop>(default),
        };
        let (start, end) = (bound(start, 0)?, bound(end, len)?);
        if start > end || end > len {
            let operands = [start, end, len].map(usize_scalar);
            return Err(self.trap(site, &operands));
        }
        Ok(Value::Ref(Box::new(Reference {
            ty: self.frame.func.exprs[id].ty.clone(),
            object,
            path,
            start: first.wrapping_add(start),
            len: end - start,
        })))
    }

    /// The value of an operation, or its trap.
    fn finish(
        &self,
        result: Result<Value, NoValue>,
        site: Option<SiteId>,
        operands: &[Scalar],
    ) -> Result<Value, Stop> {
        match result {
            Ok(value) => Ok(value),
            Err(NoValue::Trap) => Err(self.trap(site, operands)),
            Err(NoValue::Missing) => Err(unsupported("an operation that the type lacks").into()),
        }
    }

    pub(super) fn trap(&self, site: Option<SiteId>, operands: &[Scalar]) -> Stop {
        match site {
            Some(site) => Stop::Trap {
                function: self.frame.function,
                site,
                operands: operands.iter().map(|operand| operand.bits).collect(),
            },
            None => unsupported("a trap without a site").into(),
        }
    }
}

pub(super) fn usize_scalar(value: u64) -> Scalar {
    Scalar::from_bits(ScalarTy::Usize, value.into())
}
