//! Guards: the checks of a statement, together and first.
//!
//! `b[p] = a[p - n] + a[p] + a[p + n]` has four bounds checks and, where overflow is checked, two more. One branch for each leaves LLVM
//! with a loop of many exits, whose code is large and slow to compile: with guards the first call of heat3d takes 56 ms for 96, of
//! jacobi2d 34 for 55, of edit_distance 15 for 30. The code runs as fast (0.99 in the geometric mean of the benchmark's kernels; heat3d
//! itself 1.12 of the time). An expression writes nothing, so the conditions of all
//! checks whose operands need no checked load can be computed before the statement, without changing what it does:
//!
//! ```text
//! if p - n >= a.len() | p >= a.len() | p + n >= a.len() | p >= b.len() | overflows(p - n) | overflows(p + n) {
//!     the statement with its checks in order: the first that fails traps, and one does
//! }
//! the statement without these checks
//! ```
//!
//! What is computed early must be defined for all operands, so divisions by a variable and shifts by a variable distance stay where they
//! are, and so do the branches of lazy expressions.

use hotloop_ir::{BinaryOp, ConstValue, ExprId, ExprKind, Place, Projection, Ty, UnaryOp};
use inkwell::IntPredicate;
use inkwell::values::IntValue;

use super::{Emitter, Result, int, layout};

/// What happens at a check.
#[derive(Default)]
pub(super) enum Checks<'ctx> {
    /// It branches to its trap.
    #[default]
    Branch,
    /// Its condition is kept for the guard.
    Collect(Vec<IntValue<'ctx>>),
    /// The guard has made it.
    Made,
}

/// A part of a statement that is evaluated, in the order of evaluation.
#[derive(Clone, Copy)]
pub(super) enum Part<'f> {
    Value(ExprId),
    Place(&'f Place),
}

/// A computation whose checks the guard makes.
enum Early<'f> {
    /// Integer arithmetic.
    Value(ExprId),
    /// An index, and the length that it must be below.
    Index(ExprId, Length<'f>),
}

/// The length of what is indexed.
enum Length<'f> {
    Known(u64),
    /// That of the slice at a place, up to this projection.
    At(&'f Place, usize),
}

#[derive(Default)]
struct Plan<'f> {
    early: Vec<Early<'f>>,
    checks: usize,
}

impl<'ctx, 'a> Emitter<'ctx, 'a> {
    /// Emits a statement, or the condition of one, behind a guard if that saves branches. `emit` evaluates `parts` in this order, and
    /// writes only after that; it may be called twice.
    pub(super) fn emit_guarded<R>(
        &mut self,
        parts: &[Part<'_>],
        emit: impl Fn(&mut Self) -> Result<R>,
    ) -> Result<R> {
        let mut plan = Plan::default();
        for part in parts {
            match part {
                Part::Value(expr) => self.plan_expr(*expr, &mut plan),
                Part::Place(place) => self.plan_place(place, &mut plan),
            }
        }
        if plan.checks < 2 || !self.made.is_empty() {
            return emit(self);
        }
        let Some(fails) = self.emit_conditions(&plan)? else {
            return emit(self);
        };
        let slow = self.append_block("failing");
        let fast = self.append_block("checked");
        let branch = self.builder.build_conditional_branch(fails, slow, fast)?;
        self.mark_unlikely(branch)?;

        self.builder.position_at_end(slow);
        emit(self)?;
        // One of the checks has failed and trapped.
        self.builder.build_unreachable()?;

        self.builder.position_at_end(fast);
        for early in &plan.early {
            let (Early::Value(expr) | Early::Index(expr, _)) = early;
            self.made.insert(*expr);
            if let Early::Index(index, _) = early {
                self.made_bounds.insert(*index);
            }
        }
        let result = emit(self);
        self.made.clear();
        self.made_bounds.clear();
        result
    }

    /// Whether any of the planned checks fails; `None` if LLVM's builder knows that none does.
    fn emit_conditions(&mut self, plan: &Plan<'_>) -> Result<Option<IntValue<'ctx>>> {
        self.checks.replace(Checks::Collect(Vec::new()));
        let emitted = plan.early.iter().try_for_each(|early| match early {
            Early::Value(expr) => self.emit_expr(*expr).map(drop),
            Early::Index(index, length) => {
                let index = int(self.emit_expr(*index)?)?;
                let length = match *length {
                    Length::Known(length) => self.int_const(64, length.into()),
                    Length::At(place, steps) => {
                        let at = self.locate_prefix(place, steps)?;
                        self.length(&at)?
                    }
                };
                let outside =
                    self.builder
                        .build_int_compare(IntPredicate::UGE, index, length, "")?;
                self.collect(outside);
                Ok(())
            }
        });
        let collected = self.checks.replace(Checks::Branch);
        emitted?;
        let Checks::Collect(conditions) = collected else {
            return Ok(None);
        };
        let mut any: Option<IntValue<'ctx>> = None;
        for condition in conditions {
            any = Some(match any {
                None => condition,
                Some(any) => self.builder.build_or(any, condition, "")?,
            });
        }
        Ok(any)
    }

    fn collect(&self, condition: IntValue<'ctx>) {
        if let Checks::Collect(conditions) = &mut *self.checks.borrow_mut() {
            conditions.push(condition);
        }
    }

    fn plan_expr<'f>(&self, expr: ExprId, plan: &mut Plan<'f>)
    where
        'a: 'f,
    {
        if self.is_early(expr) {
            let sites = self.count_sites(expr);
            if sites > 0 {
                plan.early.push(Early::Value(expr));
                plan.checks += sites;
            }
            return;
        }
        let func = self.func;
        let Some(expr) = func.exprs.get(expr) else {
            return;
        };
        match &expr.kind {
            ExprKind::Load(place) | ExprKind::Len(place) | ExprKind::Borrow(place) => {
                self.plan_place(place, plan);
            }
            // Its own check stays where it is.
            ExprKind::SubSlice {
                base, start, end, ..
            } => {
                self.plan_place(base, plan);
                for &bound in start.iter().chain(end) {
                    self.plan_expr(bound, plan);
                }
            }
            // What is lazy may not be evaluated at all.
            ExprKind::ShortCircuit { lhs, .. } => self.plan_expr(*lhs, plan),
            ExprKind::Select { cond, .. } => self.plan_expr(*cond, plan),
            kind => kind.for_each_operand(|operand| self.plan_expr(operand, plan)),
        }
    }

    fn plan_place<'f>(&self, place: &'f Place, plan: &mut Plan<'f>)
    where
        'a: 'f,
    {
        let func = self.func;
        let Some(local) = func.locals.get(place.local) else {
            return;
        };
        let mut ty = &local.ty;
        let mut indexed = false;
        for (depth, step) in place.projections.iter().enumerate() {
            let (next, length) = match (step, ty) {
                (Projection::Index { .. }, Ty::Array { elem, len }) => {
                    (&**elem, Some(Length::Known(*len)))
                }
                // Only before the first index is the slice where it can be found without a check.
                (Projection::Index { .. }, Ty::Slice { elem, .. }) => {
                    (&**elem, (!indexed).then_some(Length::At(place, depth)))
                }
                (Projection::Deref, Ty::Ref { to, .. }) => (&**to, None),
                (Projection::Field(field), ty) => match layout::field(ty, *field) {
                    Ok(field) => (field.ty, None),
                    Err(_) => return,
                },
                _ => return,
            };
            if let Projection::Index { index, site } = step {
                indexed = true;
                match length.filter(|_| site.is_some() && self.is_early(*index)) {
                    Some(length) => {
                        plan.early.push(Early::Index(*index, length));
                        plan.checks += 1 + self.count_sites(*index);
                    }
                    None => self.plan_expr(*index, plan),
                }
            }
            ty = next;
        }
    }

    /// Whether this is arithmetic of integers that is defined for all operands, on variables, lengths and constants.
    fn is_early(&self, expr: ExprId) -> bool {
        let Some(expr) = self.func.exprs.get(expr) else {
            return false;
        };
        if !matches!(&expr.ty, Ty::Scalar(scalar) if !scalar.is_float()) {
            return false;
        }
        match &expr.kind {
            ExprKind::Const(_) => true,
            ExprKind::Load(place) | ExprKind::Len(place) => {
                let indexes = |step: &Projection| matches!(step, Projection::Index { .. });
                !place.projections.iter().any(indexes)
            }
            ExprKind::Unary { op, operand, site } => {
                (*op == UnaryOp::Not || site.is_none()) && self.is_early(*operand)
            }
            ExprKind::Binary { op, lhs, rhs, site } => {
                let constant = self.constant_int(*rhs);
                let defined = match op {
                    // The least value divided by -1 overflows.
                    BinaryOp::Div | BinaryOp::Rem => constant.is_some_and(|(value, bits)| {
                        value != 0 && value != u128::MAX >> (128 - bits)
                    }),
                    BinaryOp::Shl | BinaryOp::Shr => {
                        site.is_none() || constant.is_some_and(|(value, _)| value < 8)
                    }
                    _ => true,
                };
                defined && self.is_early(*lhs) && self.is_early(*rhs)
            }
            ExprKind::Cast { operand } => self.is_early(*operand),
            ExprKind::Named(_)
            | ExprKind::DebugAssertions
            | ExprKind::ShortCircuit { .. }
            | ExprKind::Select { .. }
            | ExprKind::NumCast { .. }
            | ExprKind::NumCastFits { .. }
            | ExprKind::Call { .. }
            | ExprKind::Borrow(_)
            | ExprKind::SubSlice { .. }
            | ExprKind::Table(_)
            | ExprKind::Array(_)
            | ExprKind::Repeat(_)
            | ExprKind::Struct(_)
            | ExprKind::Zeroed
            | ExprKind::Tuple(_) => false,
        }
    }

    /// The bits of an integer constant and the width of its type.
    fn constant_int(&self, expr: ExprId) -> Option<(u128, u32)> {
        let expr = self.func.exprs.get(expr)?;
        match expr.kind {
            ExprKind::Const(ConstValue::Int(value)) => Some((value, expr.ty.as_scalar()?.bits())),
            _ => None,
        }
    }

    fn count_sites(&self, expr: ExprId) -> usize {
        let Some(expr) = self.func.exprs.get(expr) else {
            return 0;
        };
        let own = match &expr.kind {
            ExprKind::Binary { site, .. } | ExprKind::Unary { site, .. } => site.is_some().into(),
            _ => 0,
        };
        let mut sites = own;
        expr.kind
            .for_each_operand(|operand| sites += self.count_sites(operand));
        sites
    }
}
