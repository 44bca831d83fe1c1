//! Locals that combine a value of each iteration, in an order that does not matter: sums, least values, and where those were found.

use std::collections::HashMap;

use super::accesses::scalar_of;
use crate::analysis::effects::may_trap;
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place, Projection, SiteId};
use crate::func::{Function, LocalId};
use crate::intrinsic::Intrinsic;
use crate::stmt::{Block, Stmt, StmtKind};
use crate::ty::{ScalarTy, Ty};

/// A local that the iterations combine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduction {
    /// The accumulator.
    pub local: LocalId,
    /// How two of its values become one.
    pub kind: ReductionKind,
    /// Where a sum traps that overflows.
    pub site: Option<SiteId>,
}

/// How two values of an accumulator become one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReductionKind {
    /// By an operator.
    Op(ReduceOp),
    /// The one that compares less (or greater) stays, and with it what was noted where it was found; of equal ones the first. If not
    /// strict, the last, and nothing is noted.
    Extremum {
        /// Whether the least stays.
        least: bool,
        /// Whether a value replaces only one that differs.
        strict: bool,
        /// The locals that are assigned with it.
        with: Vec<LocalId>,
    },
}

/// An operator that groups as one likes; floats only with [`crate::FastMath::reassoc`], but for `Min` and `Max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReduceOp {
    /// `+`
    Add,
    /// `*`
    Mul,
    /// `&`, `&&`
    And,
    /// `|`, `||`
    Or,
    /// `^`
    Xor,
    /// The method `min`.
    Min,
    /// The method `max`.
    Max,
}

impl ReduceOp {
    /// For the reader of a report.
    pub const fn name(self) -> &'static str {
        match self {
            ReduceOp::Add => "+",
            ReduceOp::Mul => "*",
            ReduceOp::And => "&",
            ReduceOp::Or => "|",
            ReduceOp::Xor => "^",
            ReduceOp::Min => "min",
            ReduceOp::Max => "max",
        }
    }
}

/// Why a local is no accumulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// It is none.
    Other,
    /// Sums of floats depend on their order.
    FloatOrder,
    /// Whether a sum overflows depends on its order.
    Overflow,
    /// What comes behind `&&` would be evaluated more often, and may panic.
    Lazy,
}

/// What is known of the loop.
pub(super) struct Reader<'f> {
    pub(super) func: &'f Function,
    /// Whether it stores to memory: then it cannot be run again after a trap.
    pub(super) stores: bool,
}

impl Reader<'_> {
    /// The reductions of a body whose accumulators are among these locals: what was found for each.
    pub(super) fn reductions(
        &self,
        body: &Block,
        candidates: &[LocalId],
    ) -> HashMap<LocalId, Result<Reduction, Obstacle>> {
        let mut found = HashMap::new();
        let mut noted = Vec::new();
        for &local in candidates {
            let mut updates = Updates {
                reader: self,
                body,
                local,
                candidates,
                result: None,
                sites: None,
                wraps: false,
            };
            let result = updates.block(body).and_then(|()| {
                let kind = updates.result.ok_or(Obstacle::Other)?;
                let site = updates.sites;
                // Only sums that never get smaller overflow in some chunk or between two if they do at all.
                if site.is_some() && updates.wraps {
                    return Err(Obstacle::Overflow);
                }
                Ok(Reduction { local, kind, site })
            });
            if let Ok(Reduction {
                kind: ReductionKind::Extremum { with, .. },
                ..
            }) = &result
            {
                noted.extend(with.iter().map(|&with| (with, local)));
            }
            found.insert(local, result);
        }
        // What is noted belongs to one accumulator, and nothing else has to do with it.
        for &(with, local) in &noted {
            let only = noted.iter().filter(|(other, _)| *other == with).count() == 1;
            let own = self.count_mentions(body, with) == self.count_notes(body, with, local);
            if only && own {
                continue;
            }
            found.insert(local, Err(Obstacle::Other));
        }
        found
    }

    /// How often a local occurs.
    fn count_mentions(&self, body: &Block, local: LocalId) -> usize {
        let mut count = 0;
        body.for_each_stmt(|stmt| {
            stmt.kind
                .for_each_expr(|expr| count += count_in(self.func, expr, local));
            count += usize::from(stmt.kind.place().is_some_and(|place| place.local == local));
        });
        count
    }

    /// How often it is assigned together with the accumulator.
    fn count_notes(&self, body: &Block, with: LocalId, local: LocalId) -> usize {
        let mut count = 0;
        body.for_each_stmt(|stmt| {
            if let StmtKind::If { then, .. } = &stmt.kind
                && then.stmts.iter().any(|stmt| assigns(stmt, local))
            {
                count += (then.stmts.iter())
                    .filter(|stmt| assigns(stmt, with))
                    .count();
            }
        });
        count
    }
}

fn assigns(stmt: &Stmt, local: LocalId) -> bool {
    matches!(&stmt.kind, StmtKind::Assign { place, .. } if *place == Place::local(local))
}

pub(super) fn count_in(func: &Function, expr: ExprId, local: LocalId) -> usize {
    let Some(expr) = func.exprs.get(expr) else {
        return 0;
    };
    let own = expr.kind.place().is_some_and(|place| place.local == local);
    let mut count = usize::from(own);
    expr.kind
        .for_each_operand(|operand| count += count_in(func, operand, local));
    count
}

/// Reads all statements that have to do with one local.
struct Updates<'r, 'f> {
    reader: &'r Reader<'f>,
    body: &'r Block,
    local: LocalId,
    candidates: &'r [LocalId],
    result: Option<ReductionKind>,
    sites: Option<SiteId>,
    /// Whether there is an update that does not panic when it overflows.
    wraps: bool,
}

impl Updates<'_, '_> {
    fn mentions(&self, expr: ExprId) -> bool {
        count_in(self.reader.func, expr, self.local) > 0
    }

    fn is_local(&self, expr: ExprId) -> bool {
        let expr = self.reader.func.exprs.get(expr);
        matches!(expr.map(|expr| &expr.kind), Some(ExprKind::Load(place)) if *place == Place::local(self.local))
    }

    /// Whether evaluating an expression more often than in order may be noticed: by a panic, or because an index that is not checked is in
    /// bounds only where Rust gets to it.
    fn is_lazy(&self, expr: ExprId) -> bool {
        let func = self.reader.func;
        self.reader.stores && may_trap(func, expr)
            || func.unchecked && has_unchecked_index(func, expr)
    }

    fn agree(&mut self, kind: ReductionKind) -> Result<(), Obstacle> {
        match &self.result {
            Some(known) if *known != kind => Err(Obstacle::Other),
            _ => {
                self.result = Some(kind);
                Ok(())
            }
        }
    }

    fn block(&mut self, block: &Block) -> Result<(), Obstacle> {
        for stmt in &block.stmts {
            self.stmt(stmt)?;
        }
        Ok(())
    }

    fn stmt(&mut self, stmt: &Stmt) -> Result<(), Obstacle> {
        let mut own = false;
        stmt.kind
            .for_each_expr(|expr| own = own || self.mentions(expr));
        match &stmt.kind {
            StmtKind::Assign { place, value } if place.local == self.local => {
                if !place.projections.is_empty() {
                    return Err(Obstacle::Other);
                }
                let kind = self.update(*value)?;
                return self.agree(kind);
            }
            StmtKind::If {
                cond,
                then,
                otherwise,
            } if own => return self.extremum(*cond, then, otherwise),
            _ if own => return Err(Obstacle::Other),
            _ => {}
        }
        if stmt
            .kind
            .place()
            .is_some_and(|place| place.local == self.local)
        {
            return Err(Obstacle::Other);
        }
        for block in stmt.kind.blocks() {
            self.block(block)?;
        }
        Ok(())
    }

    /// `local op value`, the operator.
    fn update(&mut self, value: ExprId) -> Result<ReductionKind, Obstacle> {
        let func = self.reader.func;
        let expr = func.exprs.get(value).ok_or(Obstacle::Other)?;
        if let ExprKind::Select {
            cond,
            then,
            otherwise,
        } = expr.kind
        {
            return self.select(cond, then, otherwise);
        }
        if let ExprKind::Const(ConstValue::Bool(value)) = expr.kind {
            let op = if value { ReduceOp::Or } else { ReduceOp::And };
            return Ok(ReductionKind::Op(op));
        }
        let op = self.operator(value)?;
        self.leaves(value, op)?;
        Ok(ReductionKind::Op(op))
    }

    fn operator(&self, value: ExprId) -> Result<ReduceOp, Obstacle> {
        Ok(match &self.reader.func.exprs[value].kind {
            ExprKind::Binary { op, .. } => match op {
                BinaryOp::Add | BinaryOp::Sub => ReduceOp::Add,
                BinaryOp::Mul => ReduceOp::Mul,
                BinaryOp::BitAnd => ReduceOp::And,
                BinaryOp::BitOr => ReduceOp::Or,
                BinaryOp::BitXor => ReduceOp::Xor,
                _ => return Err(Obstacle::Other),
            },
            ExprKind::ShortCircuit { or: false, .. } => ReduceOp::And,
            ExprKind::ShortCircuit { or: true, .. } => ReduceOp::Or,
            ExprKind::Call { intrinsic, .. } => match intrinsic {
                Intrinsic::Min => ReduceOp::Min,
                Intrinsic::Max => ReduceOp::Max,
                Intrinsic::WrappingAdd | Intrinsic::WrappingSub | Intrinsic::MulAdd => {
                    ReduceOp::Add
                }
                Intrinsic::WrappingMul => ReduceOp::Mul,
                _ => return Err(Obstacle::Other),
            },
            _ => return Err(Obstacle::Other),
        })
    }

    /// Follows the way to the local, by one operator all along.
    fn leaves(&mut self, value: ExprId, op: ReduceOp) -> Result<(), Obstacle> {
        if self.is_local(value) {
            return Ok(());
        }
        if self.operator(value)? != op {
            return Err(Obstacle::Other);
        }
        let func = self.reader.func;
        let expr = &func.exprs[value];
        let scalar = expr.ty.as_scalar();
        let order_matters = matches!(op, ReduceOp::Add | ReduceOp::Mul);
        if order_matters && scalar.is_some_and(ScalarTy::is_float) && !func.fastmath.reassoc {
            return Err(Obstacle::FloatOrder);
        }
        let inner = match expr.kind {
            ExprKind::Binary { op, lhs, rhs, site } => {
                let (inner, other) = match (self.mentions(lhs), self.mentions(rhs)) {
                    (true, false) => (lhs, rhs),
                    (false, true) if op != BinaryOp::Sub => (rhs, lhs),
                    _ => return Err(Obstacle::Other),
                };
                // Of type parameters nothing is known yet.
                if let Some(site) = site
                    && let Some(scalar) = scalar
                {
                    self.check(op, scalar, other)?;
                    self.sites = Some(site);
                }
                self.wraps |= site.is_none();
                inner
            }
            ExprKind::ShortCircuit { lhs, rhs, .. } => {
                match (self.mentions(lhs), self.mentions(rhs)) {
                    (true, false) => {
                        if self.is_lazy(rhs) {
                            return Err(Obstacle::Lazy);
                        }
                        lhs
                    }
                    (false, true) => rhs,
                    _ => return Err(Obstacle::Other),
                }
            }
            ExprKind::Call {
                intrinsic,
                ref args,
                ..
            } => {
                let at = match (intrinsic, &args[..]) {
                    (Intrinsic::MulAdd, [_, _, _]) => 2,
                    (Intrinsic::WrappingSub, [_, _]) => 0,
                    (_, [first, _]) => usize::from(!self.mentions(*first)),
                    _ => return Err(Obstacle::Other),
                };
                self.wraps = true;
                for (position, &arg) in args.iter().enumerate() {
                    if (position == at) != self.mentions(arg) {
                        return Err(Obstacle::Other);
                    }
                }
                args[at]
            }
            _ => return Err(Obstacle::Other),
        };
        self.leaves(inner, op)
    }

    /// Sums that trap when they overflow: if nothing is subtracted, some part overflows exactly if the sum does, and then the loop runs
    /// again, in order.
    fn check(&self, op: BinaryOp, scalar: ScalarTy, other: ExprId) -> Result<(), Obstacle> {
        let grows = scalar.is_unsigned_int()
            || matches!(self.reader.func.exprs[other].kind, ExprKind::Const(ConstValue::Int(bits))
                if bits >> (scalar.bits() - 1) & 1 == 0);
        match op == BinaryOp::Add && grows && !self.reader.stores {
            true => Ok(()),
            false => Err(Obstacle::Overflow),
        }
    }

    fn select(
        &mut self,
        cond: ExprId,
        then: ExprId,
        otherwise: ExprId,
    ) -> Result<ReductionKind, Obstacle> {
        if self.mentions(cond) {
            // `if x < m { x } else { m }`
            let (value, stays) = (then, otherwise);
            if !self.is_local(stays) {
                return Err(Obstacle::Other);
            }
            let (least, strict, other) = self.comparison(cond)?;
            if !same_expr(self.reader.func, other, value) {
                return Err(Obstacle::Other);
            }
            let with = Vec::new();
            return Ok(ReductionKind::Extremum {
                least,
                strict,
                with,
            });
        }
        match (self.is_local(then), self.is_local(otherwise)) {
            (true, true) => Err(Obstacle::Other),
            (true, false) => self.update(otherwise),
            (false, true) => self.update(then),
            (false, false) => {
                let first = self.update(then)?;
                match first == self.update(otherwise)? {
                    true => Ok(first),
                    false => Err(Obstacle::Other),
                }
            }
        }
    }

    /// `if x < m { m = x; at = i; }`
    fn extremum(&mut self, cond: ExprId, then: &Block, otherwise: &Block) -> Result<(), Obstacle> {
        if !otherwise.stmts.is_empty() {
            return Err(Obstacle::Other);
        }
        let (least, strict, other) = self.comparison(cond)?;
        let func = self.reader.func;
        let mut with = Vec::new();
        let mut value_seen = false;
        for stmt in &then.stmts {
            let StmtKind::Assign { place, value } = &stmt.kind else {
                return Err(Obstacle::Other);
            };
            if !place.projections.is_empty() || self.mentions(*value) {
                return Err(Obstacle::Other);
            }
            if place.local == self.local {
                if value_seen || !same_expr(func, other, *value) {
                    return Err(Obstacle::Other);
                }
                value_seen = true;
            } else {
                // What is private is nobody's concern, as long as nobody else can learn from it that the comparison was true: in chunks
                // other than the first it is more often.
                if !self.candidates.contains(&place.local) {
                    let mentions = |block: &Block| self.reader.count_mentions(block, place.local);
                    if mentions(self.body) != mentions(then) {
                        return Err(Obstacle::Other);
                    }
                    continue;
                }
                if scalar_of(func, place.local).is_none() || with.contains(&place.local) {
                    return Err(Obstacle::Other);
                }
                with.push(place.local);
            }
        }
        if !value_seen || (!strict && !with.is_empty()) {
            return Err(Obstacle::Other);
        }
        // What is noted is evaluated more often than in order. (The value is the one that was compared.)
        let mut lazy = false;
        for stmt in then.stmts.iter().filter(|stmt| !assigns(stmt, self.local)) {
            (stmt.kind).for_each_expr(|expr| lazy = lazy || self.is_lazy(expr));
        }
        if lazy {
            return Err(Obstacle::Lazy);
        }
        self.agree(ReductionKind::Extremum {
            least,
            strict,
            with,
        })
    }

    /// `x < local`, perhaps behind other conditions: whether the least stays, whether the comparison is strict, and `x`.
    fn comparison(&self, cond: ExprId) -> Result<(bool, bool, ExprId), Obstacle> {
        let func = self.reader.func;
        match func.exprs[cond].kind {
            ExprKind::ShortCircuit {
                or: false,
                lhs,
                rhs,
            } if !self.mentions(lhs) => self.comparison(rhs),
            ExprKind::Binary { op, lhs, rhs, .. } => {
                let (op, other) = match (self.is_local(lhs), self.is_local(rhs)) {
                    (false, true) if !self.mentions(lhs) => (op, lhs),
                    (true, false) if !self.mentions(rhs) => (mirror(op)?, rhs),
                    _ => return Err(Obstacle::Other),
                };
                let numbers = match &func.exprs[other].ty {
                    Ty::Scalar(scalar) => *scalar != ScalarTy::Bool,
                    Ty::Param(_) => true,
                    _ => false,
                };
                if !numbers {
                    return Err(Obstacle::Other);
                }
                match op {
                    BinaryOp::Lt => Ok((true, true, other)),
                    BinaryOp::Le => Ok((true, false, other)),
                    BinaryOp::Gt => Ok((false, true, other)),
                    BinaryOp::Ge => Ok((false, false, other)),
                    _ => Err(Obstacle::Other),
                }
            }
            _ => Err(Obstacle::Other),
        }
    }
}

/// The comparison with its operands exchanged.
fn mirror(op: BinaryOp) -> Result<BinaryOp, Obstacle> {
    Ok(match op {
        BinaryOp::Lt => BinaryOp::Gt,
        BinaryOp::Le => BinaryOp::Ge,
        BinaryOp::Gt => BinaryOp::Lt,
        BinaryOp::Ge => BinaryOp::Le,
        _ => return Err(Obstacle::Other),
    })
}

/// Whether two expressions have the same value where nothing is stored between them. Trap sites may differ.
pub(super) fn same_expr(func: &Function, a: ExprId, b: ExprId) -> bool {
    let (a, b) = (&func.exprs[a], &func.exprs[b]);
    if a.ty != b.ty {
        return false;
    }
    let same_operator = match (&a.kind, &b.kind) {
        (ExprKind::Const(a), ExprKind::Const(b)) => a == b,
        (ExprKind::Named(a), ExprKind::Named(b)) => a == b,
        (ExprKind::Load(a), ExprKind::Load(b)) | (ExprKind::Len(a), ExprKind::Len(b)) => {
            same_steps(a, b)
        }
        (ExprKind::Cast { .. }, ExprKind::Cast { .. }) => true,
        (ExprKind::Unary { op: a, .. }, ExprKind::Unary { op: b, .. }) => a == b,
        (ExprKind::Binary { op: a, .. }, ExprKind::Binary { op: b, .. }) => a == b,
        (
            ExprKind::Call {
                intrinsic: a,
                args: of_a,
                ..
            },
            ExprKind::Call {
                intrinsic: b,
                args: of_b,
                ..
            },
        ) => a == b && of_a.len() == of_b.len(),
        _ => false,
    };
    if !same_operator {
        return false;
    }
    let (mut left, mut right) = (Vec::new(), Vec::new());
    a.kind.for_each_operand(|operand| left.push(operand));
    b.kind.for_each_operand(|operand| right.push(operand));
    left.len() == right.len()
        && left
            .iter()
            .zip(&right)
            .all(|(&a, &b)| same_expr(func, a, b))
}

/// Whether two places have the same steps but for their indices.
fn same_steps(a: &Place, b: &Place) -> bool {
    use crate::expr::Projection;
    let same = |steps: (&Projection, &Projection)| match steps {
        (Projection::Index { .. }, Projection::Index { .. }) => true,
        (a, b) => a == b,
    };
    a.local == b.local
        && a.projections.len() == b.projections.len()
        && a.projections.iter().zip(&b.projections).all(same)
}

fn has_unchecked_index(func: &Function, expr: ExprId) -> bool {
    let Some(expr) = func.exprs.get(expr) else {
        return true;
    };
    let mut unchecked = (expr.kind.place()).is_some_and(|place| {
        let is_unchecked = |step: &Projection| matches!(step, Projection::Index { site: None, .. });
        place.projections.iter().any(is_unchecked)
    });
    expr.kind
        .for_each_operand(|operand| unchecked = unchecked || has_unchecked_index(func, operand));
    unchecked
}
