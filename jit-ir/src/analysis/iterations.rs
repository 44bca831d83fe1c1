//! What iterations of loops over one range have to do with each other: which iteration of one part of the code reaches what another
//! iteration of another part reaches.
//!
//! Both fusion and distribution ask that. Two loops over the same range may become one if no iteration of the second needs, or is needed by, a
//! *later* one of the first; one loop may become two if no iteration of what comes second is needed by a later one of what comes first.
//!
//! What is compared are elements of one memory whose indices grow alike with the loop's variable. Everything else is taken to meet anywhere,
//! unless the two are in different memory: parameters, locals and tables share nothing (`parallel::pointers`).

use std::collections::BTreeSet;

use super::affine::{Exact, Scope};
use super::effects::{Effects, is_behind_pointer};
use super::parallel::{Memory, PointsTo};
use super::poly::{Poly, Symbol};
use crate::expr::{ConstValue, ExprId, ExprKind, Place, Projection};
use crate::func::{Function, LocalId};
use crate::stmt::{Block, Loop, Stmt, StmtKind};
use crate::ty::Ty;

/// Bodies with more accesses are left alone.
const MOST_ACCESSES: usize = 160;
/// Elements are compared over distances up to this.
const MOST_DISTANCE: i128 = 1 << 32;

/// A read or a store, in each iteration.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    /// What it may be in. `None`: anything.
    memory: Option<BTreeSet<Memory>>,
    /// Through what it is reached, and the way from there to the element.
    base: (LocalId, Vec<Projection>),
    /// Its index, as `factor * var + rest`.
    index: Option<Index>,
    /// Whether it is a store.
    pub(crate) write: bool,
    /// The statement of the body that makes it.
    pub(crate) stmt: usize,
    /// Whether it is an element of a slice or an array, and no local variable as a whole.
    pub(crate) is_element: bool,
}

#[derive(Clone, Debug, PartialEq)]
struct Index {
    /// `None`: something else than a number.
    factor: Option<i128>,
    rest: Poly,
    /// Whether the index is this very number, and not only modulo 2⁶⁴.
    exact: bool,
}

/// By how many iterations two accesses that meet are apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Distance {
    /// They never meet.
    Never,
    /// They meet only where the first is in an iteration that comes so many after that of the second.
    Exactly(i128),
    /// They may meet in any two iterations.
    Any,
}

/// The loop's own numbers: by what its variable grows from one iteration to the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps(Option<i128>);

impl Steps {
    /// Those of a loop of which nothing is known.
    pub(crate) const UNKNOWN: Steps = Steps(None);

    /// Those of a loop.
    pub(crate) fn of(func: &Function, for_loop: &Loop) -> Steps {
        let step = match func.exprs.get(for_loop.step).map(|step| &step.kind) {
            Some(ExprKind::Const(ConstValue::Int(step))) => i128::try_from(*step).ok(),
            _ => None,
        };
        let step = step.filter(|step| (1..MOST_DISTANCE).contains(step));
        Steps(step.map(|step| if for_loop.reversed { -step } else { step }))
    }
}

impl Access {
    /// Where two accesses of iterations of one range meet.
    pub(crate) fn distance(&self, other: &Access, steps: Steps) -> Distance {
        if let (Some(first), Some(second)) = (&self.memory, &other.memory)
            && first.is_disjoint(second)
        {
            return Distance::Never;
        }
        let (Some(first), Some(second)) = (&self.index, &other.index) else {
            return Distance::Any;
        };
        if self.base != other.base || first.factor != second.factor {
            return Distance::Any;
        }
        let (Some(factor), Some(gap)) = (
            first.factor,
            second
                .rest
                .sub(&first.rest)
                .and_then(|gap| gap.as_constant()),
        ) else {
            return Distance::Any;
        };
        // factor * (first - second) = gap, for values of the variable.
        let exact = first.exact && second.exact && gap.abs() <= MOST_DISTANCE;
        match (factor, gap, steps.0) {
            (0, 0, _) => Distance::Any,
            (0, _, _) if exact => Distance::Never,
            // Odd factors have an inverse modulo 2⁶⁴.
            (_, 0, _) if exact || factor % 2 != 0 => Distance::Exactly(0),
            (_, _, Some(step)) if exact && factor != 0 => {
                let Some(each) = factor.checked_mul(step) else {
                    return Distance::Any;
                };
                match gap % each {
                    0 => Distance::Exactly(gap / each),
                    _ => Distance::Never,
                }
            }
            _ => Distance::Any,
        }
    }

    /// Whether the order of the two counts where they meet.
    pub(crate) fn conflicts(&self, other: &Access) -> bool {
        self.write || other.write
    }

    /// Whether this is the same element in each iteration as the other one, or may be.
    pub(crate) fn same_element(&self, other: &Access) -> bool {
        self.is_element
            && other.is_element
            && self.base == other.base
            && self.index.is_some()
            && self.index == other.index
    }

    /// Whether it is this local, or a part of it.
    pub(crate) fn names(&self, local: LocalId) -> bool {
        match &self.memory {
            Some(memory) => memory.contains(&Memory::Own(local)),
            None => true,
        }
    }

    /// Whether it is in a local of the function, and not behind a pointer.
    pub(crate) fn is_local(&self) -> bool {
        let own =
            |memory: &BTreeSet<Memory>| memory.iter().all(|one| matches!(one, Memory::Own(_)));
        self.memory.as_ref().is_some_and(own)
    }

    /// Whether its index is known.
    pub(crate) fn is_understood(&self) -> bool {
        self.index.is_some()
    }

    /// Through what it is reached.
    pub(crate) fn base(&self) -> &(LocalId, Vec<Projection>) {
        &self.base
    }

    /// Whether the next iteration reaches the next element, of an array or of a slice.
    pub(crate) fn is_contiguous(&self) -> bool {
        let factor = self.index.as_ref().and_then(|index| index.factor);
        matches!(factor, Some(-1..=1)) && self.is_element
    }
}

/// Reads the bodies of loops over one range.
pub(crate) struct Reader<'a, 'f> {
    func: &'f Function,
    points_to: &'a PointsTo,
    pub(crate) scope: Scope<'f>,
    /// The variable of the loop that is read.
    var: Option<Symbol>,
    exact: bool,
    accesses: Vec<Access>,
    stmt: usize,
}

impl<'a, 'f> Reader<'a, 'f> {
    /// Of a region that contains all that will be read, and with definitions from before it.
    pub(crate) fn new(points_to: &'a PointsTo, scope: Scope<'f>) -> Self {
        let func = scope.func();
        let mut reader = Reader {
            func,
            points_to,
            scope,
            var: None,
            exact: false,
            accesses: Vec::new(),
            stmt: 0,
        };
        for (local, _) in func.locals.iter() {
            if let Some(value) = points_to.definition(func, local) {
                reader.scope.define(local, value);
            }
        }
        reader
    }

    /// The accesses of a loop's body. `None` if it has other statements than assignments, conditions and counted
    /// loops.
    pub(crate) fn read(&mut self, for_loop: &Loop) -> Option<Vec<Access>> {
        self.var = Some(self.scope.var(for_loop)?);
        self.exact = for_loop.hints.exact;
        self.accesses.clear();
        let mut around = Effects::of_block(self.func, &for_loop.body);
        self.scope.forget(&around);
        for (position, stmt) in for_loop.body.stmts.iter().enumerate() {
            self.stmt = position;
            self.read_stmt(stmt)?;
        }
        around.vars.insert(for_loop.var);
        self.scope.forget(&around);
        (self.accesses.len() <= MOST_ACCESSES).then(|| std::mem::take(&mut self.accesses))
    }

    fn read_block(&mut self, block: &Block) -> Option<()> {
        block.stmts.iter().try_for_each(|stmt| self.read_stmt(stmt))
    }

    fn read_stmt(&mut self, stmt: &Stmt) -> Option<()> {
        match &stmt.kind {
            StmtKind::Assign { place, value } => {
                // What points somewhere stays where it is, so that names mean the same in both loops.
                if self.func.exprs.get(*value)?.ty.has_refs() {
                    return None;
                }
                self.read_expr(*value)?;
                place.for_each_index(|index| self.note_reads(index));
                self.access(place, true);
                self.scope.assign(stmt);
            }
            StmtKind::Eval(value) => self.read_expr(*value)?,
            StmtKind::If {
                cond,
                then,
                otherwise,
            } => {
                self.read_expr(*cond)?;
                let known = self.scope.known();
                self.read_block(then)?;
                self.scope.restore(known.clone());
                self.read_block(otherwise)?;
                self.scope.restore(known);
                self.scope.forget_block(then);
                self.scope.forget_block(otherwise);
            }
            StmtKind::For(inner) => {
                for bound in [inner.start, inner.end, inner.step] {
                    self.read_expr(bound)?;
                }
                let mut effects = Effects::of_block(self.func, &inner.body);
                self.scope.forget(&effects);
                self.read_block(&inner.body)?;
                effects.vars.insert(inner.var);
                self.scope.forget(&effects);
            }
            StmtKind::While { .. }
            | StmtKind::Forever { .. }
            | StmtKind::Labeled { .. }
            | StmtKind::Break(_)
            | StmtKind::Continue(_)
            | StmtKind::Return(_)
            | StmtKind::Trap { .. }
            | StmtKind::Call { .. }
            | StmtKind::HostCall { .. }
            | StmtKind::Parallel(_) => return None,
        }
        Some(())
    }

    fn read_expr(&mut self, id: ExprId) -> Option<()> {
        self.note_reads(id);
        (self.accesses.len() <= MOST_ACCESSES).then_some(())
    }

    fn note_reads(&mut self, id: ExprId) {
        let Some(expr) = self.func.exprs.get(id) else {
            return;
        };
        let kind = &expr.kind;
        kind.for_each_operand(|operand| self.note_reads(operand));
        match kind {
            ExprKind::Load(place) => self.access(place, false),
            // The length belongs to the slice, not to what is in it.
            ExprKind::Len(place) => self.whole(place, false),
            // What is reached through it is not known.
            ExprKind::Borrow(place) | ExprKind::SubSlice { base: place, .. } => {
                self.whole(place, true);
                self.accesses.push(Access {
                    memory: None,
                    base: (place.local, place.projections.clone()),
                    index: None,
                    write: true,
                    stmt: self.stmt,
                    is_element: true,
                });
            }
            _ => {}
        }
    }

    /// All of the local that a place starts in.
    fn whole(&mut self, place: &Place, write: bool) {
        self.accesses.push(Access {
            memory: Some(BTreeSet::from([Memory::Own(place.local)])),
            base: (place.local, Vec::new()),
            index: None,
            write,
            stmt: self.stmt,
            is_element: false,
        });
    }

    fn access(&mut self, place: &Place, write: bool) {
        let behind = is_behind_pointer(self.func, place);
        if behind {
            self.whole(place, false);
        }
        let first =
            (place.projections.iter()).position(|step| matches!(step, Projection::Index { .. }));
        let local = self.resolve(place.local);
        let memory = match behind {
            true => self.points_to.targets(local),
            false => Some(BTreeSet::from([Memory::Own(place.local)])),
        };
        let Some(first) = first else {
            self.accesses.push(Access {
                memory,
                base: (place.local, place.projections.clone()),
                index: None,
                write,
                stmt: self.stmt,
                is_element: behind,
            });
            return;
        };
        let (way, rest) = place.projections.split_at(first);
        // Behind a pointer that is data nothing is known.
        let through = rest.iter().any(|step| matches!(step, Projection::Deref));
        let stays = way
            .iter()
            .all(|step| matches!(step, Projection::Field(_) | Projection::Deref));
        let index = match rest.first() {
            Some(Projection::Index { index, .. }) if !through && stays => self.index(*index),
            _ => None,
        };
        self.accesses.push(Access {
            memory: if through { None } else { memory },
            base: (local, way.to_vec()),
            index,
            write,
            stmt: self.stmt,
            is_element: true,
        });
    }

    fn index(&mut self, index: ExprId) -> Option<Index> {
        let Exact { poly, needs } = self.scope.poly(index)?;
        if !self.exact && !needs.is_empty() {
            return None;
        }
        let (factor, rest) = poly.linear_in(self.var?)?;
        if !self.scope.is_invariant_poly(&rest) || !self.scope.is_invariant_poly(&factor) {
            return None;
        }
        Some(Index {
            factor: factor.as_constant(),
            rest,
            exact: self.exact,
        })
    }

    /// The slice that another one is a copy of.
    fn resolve(&self, local: LocalId) -> LocalId {
        let mut at = local;
        for _ in 0..4 {
            let Some(value) = self.points_to.definition(self.func, at) else {
                break;
            };
            match self.func.exprs.get(value).map(|value| &value.kind) {
                Some(ExprKind::Load(place))
                    if place.projections.is_empty()
                        && matches!(self.func.locals[place.local].ty, Ty::Slice { .. }) =>
                {
                    at = place.local;
                }
                _ => break,
            }
        }
        at
    }
}
