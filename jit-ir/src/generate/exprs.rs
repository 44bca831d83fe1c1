//! Random expressions of a given type.

use super::Generator;
use super::memory::{Step, parts_inside};
use crate::expr::{BinaryOp, ExprId, Place, UnaryOp};
use crate::func::LocalId;
use crate::intrinsic::{Intrinsic, SigTy};
use crate::rules::{cast_exists, num_cast_exists};
use crate::ty::{ScalarTy, Ty};

const ARITHMETIC: [BinaryOp; 5] = [
    BinaryOp::Add,
    BinaryOp::Sub,
    BinaryOp::Mul,
    BinaryOp::Div,
    BinaryOp::Rem,
];
const BITWISE: [BinaryOp; 3] = [BinaryOp::BitAnd, BinaryOp::BitOr, BinaryOp::BitXor];
const COMPARISONS: [BinaryOp; 6] = [
    BinaryOp::Eq,
    BinaryOp::Ne,
    BinaryOp::Lt,
    BinaryOp::Le,
    BinaryOp::Gt,
    BinaryOp::Ge,
];

impl Generator<'_> {
    /// Whether to leave the next operation that may trap without a guard.
    pub(super) fn unguarded(&mut self) -> bool {
        self.rng.one_in(self.config.unguarded_one_in)
    }

    /// An expression of this scalar type, `depth` levels deep at most (guards come on top).
    pub(super) fn generate_expr(&mut self, ty: ScalarTy, depth: u32) -> ExprId {
        if depth == 0 || self.rng.one_in(5) {
            return self.generate_leaf(ty);
        }
        let depth = depth - 1;
        match self.rng.below(12) {
            0 => {
                let cond = self.generate_expr(ScalarTy::Bool, depth);
                let then = self.generate_expr(ty, depth);
                let otherwise = self.generate_expr(ty, depth);
                self.b.select(cond, then, otherwise)
            }
            1 => self.generate_cast(ty, depth),
            2 => self.generate_num_cast(ty),
            3 => self.generate_element(ty, depth),
            4..=6 => self.generate_call(ty, depth),
            7 if ty != ScalarTy::Bool => self.generate_neg_or_not(ty, depth),
            _ if ty == ScalarTy::Bool => self.generate_bool(depth),
            _ if ty.is_float() => {
                let op = self.rng.pick(&ARITHMETIC).unwrap_or(BinaryOp::Add);
                let lhs = self.generate_expr(ty, depth);
                let rhs = self.generate_expr(ty, depth);
                self.b.binary(op, lhs, rhs)
            }
            _ => self.generate_int_binary(ty, depth),
        }
    }

    /// A constant or a variable.
    pub(super) fn generate_leaf(&mut self, ty: ScalarTy) -> ExprId {
        if self.rng.one_in(3) {
            return self.generate_const(ty);
        }
        let found = self.parts_of_ty(&Ty::Scalar(ty));
        if let Some((local, steps)) = self.rng.pick(&found) {
            let place = self.place(Place::local(local), &steps);
            return self.b.load_place(place);
        }
        match self.rng.pick(&self.slices) {
            Some(slice) if ty == ScalarTy::Usize => self.b.len(slice.local),
            _ => self.generate_const(ty),
        }
    }

    pub(super) fn generate_const(&mut self, ty: ScalarTy) -> ExprId {
        if ty == ScalarTy::Bool {
            let value = self.rng.one_in(2);
            return self.b.bool(value);
        }
        if ty.is_float() {
            const EDGES: [f64; 8] = [0.0, -0.0, 1.0, -1.0, 0.5, 1e30, f64::INFINITY, f64::NAN];
            let value = if self.rng.one_in(4) {
                self.rng.pick(&EDGES).unwrap_or(0.0)
            } else {
                f64::from(self.rng.range(-160, 160)) / 16.0
            };
            return self.b.float(ty, value);
        }
        let value = match self.rng.below(8) {
            0 => self.edge(ty, true),
            1 => self.edge(ty, false),
            2 => self.rng.next() as i128,
            _ => i128::from(self.rng.range(0, 12)),
        };
        self.b.int(ty, value)
    }

    /// The greatest or the least value of an integer type.
    pub(super) fn edge(&self, ty: ScalarTy, greatest: bool) -> i128 {
        let sign_bit = 1i128 << (ty.bits() - 1);
        match (ty.is_signed_int(), greatest) {
            (true, true) => sign_bit.wrapping_sub(1),
            (true, false) => sign_bit.wrapping_neg(),
            (false, true) => -1, // cut off to the width
            (false, false) => 0,
        }
    }

    fn generate_bool(&mut self, depth: u32) -> ExprId {
        match self.rng.below(6) {
            0 => {
                let operand = self.generate_expr(ScalarTy::Bool, depth);
                self.b.unary(UnaryOp::Not, operand)
            }
            1 => {
                let lhs = self.generate_expr(ScalarTy::Bool, depth);
                let rhs = self.generate_expr(ScalarTy::Bool, depth);
                let op = self.rng.pick(&BITWISE).unwrap_or(BinaryOp::BitXor);
                self.b.binary(op, lhs, rhs)
            }
            2 => {
                let lhs = self.generate_expr(ScalarTy::Bool, depth);
                let rhs = self.generate_expr(ScalarTy::Bool, depth);
                let or = self.rng.one_in(2);
                self.b.short_circuit(or, lhs, rhs)
            }
            _ => {
                let ty = self.random_scalar_ty();
                let lhs = self.generate_expr(ty, depth);
                let rhs = self.generate_expr(ty, depth);
                let op = self.rng.pick(&COMPARISONS).unwrap_or(BinaryOp::Lt);
                self.b.binary(op, lhs, rhs)
            }
        }
    }

    fn mask(&mut self, operand: ExprId, ty: ScalarTy, mask: i128) -> ExprId {
        let mask = self.b.int(ty, mask);
        self.b.binary(BinaryOp::BitAnd, operand, mask)
    }

    fn or(&mut self, operand: ExprId, ty: ScalarTy, bits: i128) -> ExprId {
        let bits = self.b.int(ty, bits);
        self.b.binary(BinaryOp::BitOr, operand, bits)
    }

    /// Half of it: not the least value, and not above half of the greatest.
    fn half(&mut self, operand: ExprId) -> ExprId {
        let one = self.b.int(ScalarTy::U32, 1);
        self.b.binary(BinaryOp::Shr, operand, one)
    }

    fn generate_neg_or_not(&mut self, ty: ScalarTy, depth: u32) -> ExprId {
        let mut operand = self.generate_expr(ty, depth);
        let is_neg = !ty.is_unsigned_int() && (ty.is_float() || self.rng.one_in(2));
        if !is_neg {
            return self.b.unary(UnaryOp::Not, operand);
        }
        if ty.is_int() && self.checks && !self.unguarded() {
            operand = self.half(operand);
        }
        self.b.unary(UnaryOp::Neg, operand)
    }

    fn generate_int_binary(&mut self, ty: ScalarTy, depth: u32) -> ExprId {
        let op = match self.rng.below(8) {
            0 => BinaryOp::Shl,
            1 => BinaryOp::Shr,
            2 => self.rng.pick(&BITWISE).unwrap_or(BinaryOp::BitAnd),
            _ => self.rng.pick(&ARITHMETIC).unwrap_or(BinaryOp::Add),
        };
        let mut lhs = self.generate_expr(ty, depth);
        let unguarded = self.unguarded();
        if op.is_shift() {
            let distance_ty = self.random_int_ty();
            let mut distance = self.generate_expr(distance_ty, depth);
            if self.checks && !unguarded {
                distance = self.mask(distance, distance_ty, i128::from(ty.bits() - 1));
            }
            return self.b.binary(op, lhs, distance);
        }
        let mut rhs = self.generate_expr(ty, depth);
        match op {
            _ if unguarded => {}
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul if self.checks => {
                // 0..=15 and 0..=7: the product fits an `i8`; the left one is not below the right for `-`.
                lhs = self.mask(lhs, ty, 7);
                if op == BinaryOp::Sub {
                    lhs = self.or(lhs, ty, 8);
                }
                rhs = self.mask(rhs, ty, 7);
            }
            BinaryOp::Div | BinaryOp::Rem => rhs = self.divisor(rhs, ty),
            _ => {}
        }
        self.b.binary(op, lhs, rhs)
    }

    /// Neither 0 nor -1.
    fn divisor(&mut self, operand: ExprId, ty: ScalarTy) -> ExprId {
        let operand = if ty.is_signed_int() {
            self.mask(operand, ty, 0x77)
        } else {
            operand
        };
        self.or(operand, ty, 1)
    }

    fn generate_cast(&mut self, ty: ScalarTy, depth: u32) -> ExprId {
        let from = self.random_scalar_ty();
        if !cast_exists(from, ty) {
            return self.generate_leaf(ty);
        }
        let operand = self.generate_expr(from, depth);
        self.b.cast(operand, ty)
    }

    fn generate_num_cast(&mut self, ty: ScalarTy) -> ExprId {
        if ty == ScalarTy::Bool {
            let (from, target) = (self.random_scalar_ty(), self.random_int_ty());
            if !num_cast_exists(from, target) {
                return self.generate_leaf(ty);
            }
            let operand = self.generate_expr(from, 1);
            return self.b.num_cast_fits(operand, target);
        }
        let from = self.random_scalar_ty();
        if !num_cast_exists(from, ty) {
            return self.generate_leaf(ty);
        }
        if ty.is_float() || self.unguarded() {
            let operand = self.generate_expr(from, 1);
            return self.b.num_cast(operand, ty);
        }
        // The operand is needed twice, and expressions are trees.
        let [tested, used] = self.generate_leaf_twice(from);
        let fits = self.b.num_cast_fits(tested, ty);
        let value = self.b.num_cast(used, ty);
        let otherwise = self.generate_const(ty);
        self.b.select(fits, value, otherwise)
    }

    /// Two expressions that have the same value.
    fn generate_leaf_twice(&mut self, ty: ScalarTy) -> [ExprId; 2] {
        let rng = self.rng.clone();
        let first = self.generate_leaf(ty);
        self.rng = rng;
        [first, self.generate_leaf(ty)]
    }

    /// An element of a slice of this type, or a part of one; or a leaf.
    fn generate_element(&mut self, ty: ScalarTy, depth: u32) -> ExprId {
        let mut of_ty = Vec::new();
        for slice in &self.slices {
            let parts = parts_inside(&slice.elem, &Ty::Scalar(ty));
            of_ty.extend(parts.into_iter().map(|steps| (slice.local, steps)));
        }
        let Some((slice, steps)) = self.rng.pick(&of_ty) else {
            return self.generate_leaf(ty);
        };
        if self.unguarded() {
            let index = self.generate_leaf(ScalarTy::Usize);
            return self.load_element(slice, index, &steps);
        }
        if let Some(var) = self.index_variable(slice)
            && !self.rng.one_in(4)
        {
            let index = self.b.load(var);
            return self.load_element(slice, index, &steps);
        }
        // `if a.len() != 0 { a[e % a.len()] } else { c }`: two sites that only laziness protects.
        let (len, zero) = (self.b.len(slice), self.b.usize(0));
        let cond = self.b.binary(BinaryOp::Ne, len, zero);
        let index = self.generate_expr(ScalarTy::Usize, depth.min(2));
        let len = self.b.len(slice);
        let index = self.b.binary(BinaryOp::Rem, index, len);
        let element = self.load_element(slice, index, &steps);
        let otherwise = self.generate_const(ty);
        self.b.select(cond, element, otherwise)
    }

    fn load_element(&mut self, slice: LocalId, index: ExprId, steps: &[Step]) -> ExprId {
        let element = self.b.index(Place::local(slice), index);
        let place = self.place(element, steps);
        self.b.load_place(place)
    }

    /// A variable of a loop over the slice.
    pub(super) fn index_variable(&mut self, slice: LocalId) -> Option<LocalId> {
        let found: Vec<_> = self
            .variables
            .iter()
            .filter(|v| v.indexes == Some(slice))
            .collect();
        self.rng.pick(&found).map(|variable| variable.local)
    }

    /// A method call with a scalar result of this type, or a leaf.
    fn generate_call(&mut self, ty: ScalarTy, depth: u32) -> ExprId {
        let receiver = if ty == ScalarTy::Bool || self.rng.one_in(4) {
            self.random_scalar_ty()
        } else {
            ty
        };
        let fitting: Vec<_> = Intrinsic::ALL
            .iter()
            .copied()
            .filter(|intrinsic| {
                let info = intrinsic.info();
                info.class.contains(receiver)
                    && info.result.resolve(receiver) == Some(Ty::Scalar(ty))
                    && !self.config.exclude.contains(intrinsic)
            })
            .collect();
        let Some(intrinsic) = self.rng.pick(&fitting) else {
            return self.generate_leaf(ty);
        };
        match intrinsic {
            // What tells the bits of a NaN: only of what is none.
            Intrinsic::ToBits | Intrinsic::IsSignPositive | Intrinsic::IsSignNegative => {
                let number = self.generate_not_nan(receiver);
                self.b.call(intrinsic, vec![number])
            }
            Intrinsic::TotalCmp => {
                let args = vec![
                    self.generate_not_nan(receiver),
                    self.generate_not_nan(receiver),
                ];
                self.b.call(intrinsic, args)
            }
            Intrinsic::Copysign => {
                let value = self.generate_expr(receiver, depth);
                let sign = self.generate_not_nan(receiver);
                self.b.call(intrinsic, vec![value, sign])
            }
            // Which zero is open: adding 0.0 makes it the positive one.
            Intrinsic::Min | Intrinsic::Max if receiver.is_float() => {
                let args = vec![
                    self.generate_expr(receiver, depth),
                    self.generate_expr(receiver, depth),
                ];
                let chosen = self.b.call(intrinsic, args);
                let zero = self.b.float(receiver, 0.0);
                self.b.binary(BinaryOp::Add, chosen, zero)
            }
            _ => {
                let args = self.generate_args(intrinsic, receiver, depth);
                self.b.call(intrinsic, args)
            }
        }
    }

    fn generate_not_nan(&mut self, ty: ScalarTy) -> ExprId {
        let [tested, used] = self.generate_leaf_twice(ty);
        let is_nan = self.b.call(Intrinsic::IsNan, vec![tested]);
        let otherwise = self.b.float(ty, 1.0);
        self.b.select(is_nan, otherwise, used)
    }

    /// Arguments for which the method does not trap, mostly.
    fn generate_args(&mut self, intrinsic: Intrinsic, ty: ScalarTy, depth: u32) -> Vec<ExprId> {
        let info = intrinsic.info();
        let mut args: Vec<ExprId> = Vec::new();
        for sig in info.args {
            args.push(match sig.resolve(ty) {
                Some(Ty::Scalar(ScalarTy::I32)) if *sig == SigTy::Fixed(ScalarTy::I32) => {
                    let exponent = self.rng.range(-4, 6);
                    self.b.int(ScalarTy::I32, exponent.into())
                }
                Some(Ty::Scalar(scalar)) => self.generate_expr(scalar, depth),
                _ => self.generate_leaf(ScalarTy::Bool),
            });
        }
        let guarded = intrinsic.may_trap_for(ty, self.checks);
        if guarded && !self.unguarded() {
            self.guard_args(intrinsic, ty, &mut args);
        }
        args
    }

    fn guard_args(&mut self, intrinsic: Intrinsic, ty: ScalarTy, args: &mut Vec<ExprId>) {
        let greatest = self.edge(ty, true);
        match (intrinsic, args.as_mut_slice()) {
            (Intrinsic::Abs | Intrinsic::NextPowerOfTwo, [x]) => *x = self.half(*x),
            (Intrinsic::Pow, [x, n]) => {
                *x = self.mask(*x, ty, 3);
                *n = self.mask(*n, ScalarTy::U32, 3);
            }
            (Intrinsic::Isqrt, [x]) => *x = self.mask(*x, ty, greatest),
            (Intrinsic::Ilog2 | Intrinsic::Ilog10, [x]) => {
                let positive = self.mask(*x, ty, greatest);
                *x = self.or(positive, ty, 1);
            }
            (Intrinsic::Ilog, [x, base]) => {
                let positive = self.mask(*x, ty, greatest);
                *x = self.or(positive, ty, 1);
                let small = self.mask(*base, ty, 7);
                *base = self.or(small, ty, 2);
            }
            (
                Intrinsic::DivEuclid
                | Intrinsic::RemEuclid
                | Intrinsic::DivCeil
                | Intrinsic::WrappingDiv
                | Intrinsic::WrappingRem
                | Intrinsic::WrappingDivEuclid
                | Intrinsic::WrappingRemEuclid
                | Intrinsic::SaturatingDiv
                | Intrinsic::OverflowingDiv
                | Intrinsic::OverflowingRem
                | Intrinsic::OverflowingDivEuclid
                | Intrinsic::OverflowingRemEuclid
                | Intrinsic::StrictDiv
                | Intrinsic::StrictRem
                | Intrinsic::StrictDivEuclid
                | Intrinsic::StrictRemEuclid
                | Intrinsic::WrappingNextMultipleOf,
                [_, divisor],
            ) => *divisor = self.divisor(*divisor, ty),
            (Intrinsic::NextMultipleOf, [x, divisor]) => {
                *x = self.mask(*x, ty, 63);
                let small = self.mask(*divisor, ty, 63);
                *divisor = self.or(small, ty, 1);
            }
            (Intrinsic::StrictNeg, [x]) if ty.is_unsigned_int() => *x = self.mask(*x, ty, 0),
            (Intrinsic::StrictNeg | Intrinsic::StrictAbs, [x]) => *x = self.half(*x),
            (Intrinsic::StrictPow, [x, n]) => {
                *x = self.mask(*x, ty, 3);
                *n = self.mask(*n, ScalarTy::U32, 3);
            }
            (Intrinsic::StrictShl | Intrinsic::StrictShr, [_, n]) => {
                *n = self.mask(*n, ScalarTy::U32, 7);
            }
            (
                Intrinsic::StrictAdd
                | Intrinsic::StrictSub
                | Intrinsic::StrictMul
                | Intrinsic::StrictAddSigned
                | Intrinsic::StrictSubSigned
                | Intrinsic::StrictAddUnsigned
                | Intrinsic::StrictSubUnsigned,
                [x, y],
            ) => {
                // At least 8, at most 15, and at most 7: the difference is no less than 0, the product no more than 105.
                let small = self.mask(*x, ty, 15);
                *x = self.or(small, ty, 8);
                let other = match intrinsic {
                    Intrinsic::StrictAddSigned | Intrinsic::StrictSubSigned => ty.to_signed(),
                    Intrinsic::StrictAddUnsigned | Intrinsic::StrictSubUnsigned => ty.to_unsigned(),
                    _ => ty,
                };
                *y = self.mask(*y, other, 7);
            }
            (Intrinsic::Clamp, [_, low, _]) if ty == ScalarTy::Bool => *low = self.b.bool(false),
            (Intrinsic::Clamp, [_, low, high]) => {
                let (a, b) = (self.rng.range(0, 60), self.rng.range(60, 120));
                if ty.is_float() {
                    *low = self.b.float(ty, f64::from(a) - 60.5);
                    *high = self.b.float(ty, f64::from(b) / 8.0);
                } else {
                    *low = self.b.int(ty, a.into());
                    *high = self.b.int(ty, b.into());
                }
            }
            _ => {}
        }
    }

    /// A tuple of this type: its elements one by one, or a method that returns such a pair.
    pub(super) fn generate_tuple(&mut self, ty: &Ty, elems: &[Ty]) -> ExprId {
        let flat = elems.iter().all(|elem| elem.as_scalar().is_some());
        if flat && elems.len() == 2 && !self.rng.one_in(3) {
            let fitting: Vec<(Intrinsic, ScalarTy)> = Intrinsic::ALL
                .iter()
                .filter(|&intrinsic| !self.config.exclude.contains(intrinsic))
                .flat_map(|&intrinsic| ScalarTy::ALL.map(|receiver| (intrinsic, receiver)))
                .filter(|(intrinsic, receiver)| {
                    let info = intrinsic.info();
                    info.class.contains(*receiver)
                        && info.result.resolve(*receiver).as_ref() == Some(ty)
                })
                .collect();
            if let Some((intrinsic, receiver)) = self.rng.pick(&fitting) {
                let args = self.generate_args(intrinsic, receiver, 2);
                return self.b.call(intrinsic, args);
            }
        }
        let elems = elems.iter().map(|elem| self.generate_value(elem)).collect();
        self.b.tuple(elems)
    }
}
