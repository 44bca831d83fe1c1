//! Finds nests of three counted loops in which each element of a matrix, or each pair of two variables, has a sum (or product, or least
//! value..) of its own:
//!
//! ```text
//! for u { prefix; for v { pre; for r { body }; post } }
//! ```
//!
//! The body changes nothing but *accumulators*, locals or elements that belong to one pair of `u` and `v`, so that the pairs may be visited in any
//! order as long as the iterations of `r` stay in order for each pair. The loops may stand in any order in the source where the accumulators
//! are elements and there is nothing but the body.

mod legality;
mod reader;

use std::collections::{HashMap, HashSet};
use std::fmt;

use legality::{check_dependences, row_lengths, shape, windows};
use reader::{Part, Reader};

use crate::analysis::affine::Scope;
use crate::analysis::dependence::{Domain, Subscripts};
use crate::analysis::effects::Effects;
use crate::analysis::poly::Symbol;
use crate::expr::{ConstValue, ExprId, ExprKind, Place};
use crate::func::{Function, LocalId};
use crate::stmt::{Block, Loop, Stmt, StmtKind};
use crate::ty::{ScalarTy, Ty};

/// A loop of the nest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) var: LocalId,
    pub(super) start: ExprId,
    pub(super) end: ExprId,
}

/// Whether the range of `v` depends on `u`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Rectangle,
    /// It starts at `u` plus a number.
    FromDiagonal,
    /// It ends at `u` plus a number.
    ToDiagonal,
}

/// What the body changes.
#[derive(Clone, Debug)]
pub(super) enum Accumulator {
    /// A local, which `pre` initializes.
    Local(LocalId, ScalarTy),
    /// The one element of this slice that an iteration of `u` and `v` reaches, and its index.
    Element(LocalId, ExprId, ScalarTy),
}

impl Accumulator {
    pub(super) fn ty(&self) -> ScalarTy {
        match self {
            Accumulator::Local(_, ty) | Accumulator::Element(_, _, ty) => *ty,
        }
    }
}

/// A value that columns are made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Column {
    /// An induction variable of the nest.
    Var(LocalId),
    /// A value that does not change.
    Fixed(Place),
    Nothing,
}

/// The columns of the accesses of an array lie in a window as wide as a row: to be checked at run time.
#[derive(Clone, Debug)]
pub(super) struct Window {
    /// The length of a row: a number times these values.
    pub(super) length: (u64, Vec<Known>),
    pub(super) columns: Vec<(Column, i128)>,
}

/// A value of type `usize`: a place, or the length of one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Known {
    Load(Place),
    Len(Place),
}

/// A nest.
#[derive(Clone, Debug)]
pub(super) struct Nest {
    pub(super) u: Counted,
    pub(super) v: Counted,
    pub(super) r: Counted,
    pub(super) shape: Shape,
    /// What an iteration of `u` does before those of `v`.
    pub(super) prefix: Vec<Stmt>,
    pub(super) pre: Vec<Stmt>,
    pub(super) body: Vec<Stmt>,
    pub(super) post: Vec<Stmt>,
    /// Locals that stand for an expression of variables and what does not change.
    pub(super) lets: HashMap<LocalId, ExprId>,
    pub(super) accumulators: Vec<Accumulator>,
    /// The indices in the body that are those of accumulators. Other elements of the same slice are none that any iteration changes.
    pub(super) own: HashSet<ExprId>,
    pub(super) windows: Vec<Window>,
    /// Values that ranges are compared with, below 2^31 if the comparison is to be right.
    pub(super) small: Vec<Known>,
    /// Every local that is assigned; none of them is to be read behind the nest.
    pub(super) assigned: Vec<LocalId>,
    /// The loops over rows in `prefix`.
    pub(super) prefix_loops: Vec<Counted>,
}

/// Why a nest is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It has no such form at all.
    Form,
    /// Something in it may panic, leave or call.
    Effects,
    /// A range is not known before the nest.
    Bounds,
    /// An index has no form that could be compared with others.
    Index,
    /// An iteration may use what another one stores.
    Dependence,
    /// A variable keeps its value beyond an iteration.
    Carried,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::Form => "the loops have another form",
            Refusal::Effects => "something in it may panic, leave or call",
            Refusal::Bounds => "a range is not known before the nest",
            Refusal::Index => "an index is not a row and a column",
            Refusal::Dependence => "an iteration may use what another one stores",
            Refusal::Carried => "a variable keeps its value beyond an iteration",
        })
    }
}

/// Names that stand for more operations than this stay variables.
const MAX_NAMED: usize = 48;

/// Whether a loop counts up by one, as `usize`.
fn counted(func: &Function, for_loop: &Loop) -> Option<Counted> {
    let step = &func.exprs.get(for_loop.step)?.kind;
    let plain = *step == ExprKind::Const(ConstValue::Int(1))
        && !for_loop.inclusive
        && !for_loop.reversed
        && !for_loop.hints.cold
        && for_loop.hints.lanes == 0
        && func.locals.get(for_loop.var)?.ty == Ty::USIZE;
    plain.then_some(Counted {
        var: for_loop.var,
        start: for_loop.start,
        end: for_loop.end,
    })
}

/// The only loop of a block, with what is before and behind it.
fn split(block: &Block) -> Option<(&[Stmt], &Loop, &[Stmt])> {
    let position = block
        .stmts
        .iter()
        .rposition(|stmt| matches!(stmt.kind, StmtKind::For(_)))?;
    let StmtKind::For(for_loop) = &block.stmts[position].kind else {
        return None;
    };
    Some((
        &block.stmts[..position],
        for_loop,
        &block.stmts[position + 1..],
    ))
}

fn all_assign(stmts: &[Stmt]) -> bool {
    (stmts.iter()).all(|stmt| matches!(stmt.kind, StmtKind::Assign { .. }))
}

/// How often each local is assigned as a whole or in part.
fn count_assignments(block: &Block, counts: &mut HashMap<LocalId, usize>, func: &Function) {
    block.for_each_stmt(|stmt| {
        if let Some(place) = stmt.kind.place()
            && !crate::analysis::effects::is_behind_pointer(func, place)
        {
            *counts.entry(place.local).or_default() += 1;
        }
    });
}

/// The nest that this loop is, if it is one.
pub(super) fn find(func: &Function, stmt: &Stmt) -> Result<Nest, Refusal> {
    let StmtKind::For(outer) = &stmt.kind else {
        return Err(Refusal::Form);
    };
    let (before, middle, behind) = split(&outer.body).ok_or(Refusal::Form)?;
    let (pre, inner, post) = split(&middle.body).ok_or(Refusal::Form)?;
    let body = inner.body.stmts.as_slice();
    if !behind.is_empty() || body.is_empty() || ![pre, post, body].into_iter().all(all_assign) {
        return Err(Refusal::Form);
    }
    let loops = [outer, middle, inner];
    let mut counteds = Vec::with_capacity(3);
    for for_loop in loops {
        counteds.push(counted(func, for_loop).ok_or(Refusal::Form)?);
    }
    let effects = Effects::of_stmt(func, stmt);
    if effects.traps || effects.leaves || effects.calls || effects.host_calls || effects.unbounded {
        return Err(Refusal::Effects);
    }
    let mut assigned = HashMap::new();
    count_assignments(&outer.body, &mut assigned, func);
    // Something else may read what a pointer leads to.
    let borrowed = func.exprs.iter().any(|(_, expr)| match &expr.kind {
        ExprKind::Borrow(place) | ExprKind::SubSlice { base: place, .. } => {
            assigned.contains_key(&place.local)
        }
        _ => false,
    });
    if borrowed {
        return Err(Refusal::Form);
    }
    let mut reader = Reader {
        scope: Scope::new(func, effects),
        func,
        assigned,
        lets: HashMap::new(),
        accesses: Vec::new(),
        seen: HashSet::new(),
    };

    // The variables have symbols from here on.
    let mut vars = Vec::with_capacity(3);
    for for_loop in loops {
        vars.push(reader.scope.var(for_loop).ok_or(Refusal::Bounds)?);
    }
    let see_range = |reader: &mut Reader<'_>, range: &Counted| {
        reader.see(range.start);
        reader.see(range.end);
    };
    see_range(&mut reader, &counteds[0]);
    let mut prefix = Vec::new();
    let mut prefix_loops = Vec::new();
    for stmt in before {
        let named = reader.as_let(stmt);
        reader.see_stmts(std::slice::from_ref(stmt));
        if let Some((local, value)) = named {
            reader.read(value, Part::Around)?;
            reader.scope.assign(stmt);
            reader.lets.insert(local, value);
            continue;
        }

        match &stmt.kind {
            StmtKind::For(row) if all_assign(&row.body.stmts) => {
                let range = counted(func, row).ok_or(Refusal::Form)?;
                vars.push(reader.scope.var(row).ok_or(Refusal::Bounds)?);
                prefix_loops.push(range);
                prefix_stores_only(&row.body.stmts)?;
                reader.read_assigns(&row.body.stmts, Part::Prefix)?;
            }
            StmtKind::Assign { .. } => {
                prefix_stores_only(std::slice::from_ref(stmt))?;
                reader.read_assigns(std::slice::from_ref(stmt), Part::Prefix)?;
            }
            _ => return Err(Refusal::Form),
        }
        prefix.push(stmt.clone());
    }
    let split_lets = |reader: &mut Reader<'_>, stmts: &[Stmt]| -> Result<Vec<Stmt>, Refusal> {
        let mut rest = Vec::new();
        for stmt in stmts {
            let named = reader.as_let(stmt);
            reader.see_stmts(std::slice::from_ref(stmt));
            match named {
                Some((local, value)) => {
                    reader.read(value, Part::Around)?;
                    reader.scope.assign(stmt);
                    reader.lets.insert(local, value);
                }
                None => {
                    reader.read_assigns(std::slice::from_ref(stmt), Part::Around)?;
                    rest.push(stmt.clone());
                }
            }
        }
        Ok(rest)
    };
    see_range(&mut reader, &counteds[1]);
    let pre = split_lets(&mut reader, pre)?;
    see_range(&mut reader, &counteds[2]);
    reader.scope.forget_block(&inner.body);
    let mut updates = Vec::new();
    let mut inner_names = HashSet::new();
    for stmt in body {
        let named = reader.as_let(stmt);
        reader.see_stmts(std::slice::from_ref(stmt));
        // Names for numbers of rows and elements. What is computed from elements is computed where it stands.
        if let Some((local, value)) = named
            && !reader.loads_elements(value)
        {
            inner_names.insert(local);
            reader.read(value, Part::Body)?;
            reader.scope.assign(stmt);
            reader.lets.insert(local, value);
            continue;
        }
        reader.read_assigns(std::slice::from_ref(stmt), Part::Body)?;
        updates.push(stmt.clone());
    }
    let named =
        |local: &LocalId| reader.lets.contains_key(local) || !reader.assigned.contains_key(local);
    for access in reader
        .accesses
        .iter()
        .filter(|access| access.part == Part::Body)
    {
        let mut stable = true;
        mentions(func, &reader.lets, access.index, &mut |local| {
            stable &= named(&local)
        });
        if !stable {
            return Err(Refusal::Index);
        }
    }
    reader.scope.forget_block(&inner.body);
    // Behind the loop such a name would be that of the last iteration, which may not have been.
    reader.seen.clear();
    reader.see_stmts(post);
    if !reader.seen.is_disjoint(&inner_names) {
        return Err(Refusal::Form);
    }
    reader.read_assigns(post, Part::Around)?;
    // The ranges are read before the nest, or for each `u`.
    for range in counteds.iter().chain(&prefix_loops) {
        if !reader.is_stable(range.start) || !reader.is_stable(range.end) {
            return Err(Refusal::Bounds);
        }
    }
    // The ranges of the inner loops are evaluated although there may be no iteration around them: an index that is in bounds in each of them
    // may not be.
    for range in counteds[1..].iter().chain(&prefix_loops) {
        if reader.loads_elements(range.start) || reader.loads_elements(range.end) {
            return Err(Refusal::Bounds);
        }
    }
    let parts = Parts {
        counteds: [counteds[0], counteds[1], counteds[2]],
        prefix,
        prefix_loops,
        pre,
        body: updates,
        post: post.to_vec(),
    };
    parts.assemble(&mut reader, &vars)
}

/// What runs for a row before the pairs may store to elements only.
fn prefix_stores_only(stmts: &[Stmt]) -> Result<(), Refusal> {
    let stores = (stmts.iter())
        .all(|stmt| (stmt.kind.place()).is_some_and(|place| !place.projections.is_empty()));
    stores.then_some(()).ok_or(Refusal::Form)
}

struct Parts {
    counteds: [Counted; 3],
    prefix: Vec<Stmt>,
    prefix_loops: Vec<Counted>,
    pre: Vec<Stmt>,
    body: Vec<Stmt>,
    post: Vec<Stmt>,
}

impl Parts {
    fn assemble(self, reader: &mut Reader<'_>, vars: &[Symbol]) -> Result<Nest, Refusal> {
        let [outer, middle, inner] = self.counteds;
        let written: HashSet<LocalId> = (reader.accesses.iter().filter(|access| access.write))
            .map(|a| a.slice)
            .collect();
        let lengths = row_lengths(reader, &written, &vars[..3])?;
        let mut places = Vec::with_capacity(reader.accesses.len());
        for access in &reader.accesses {
            places.push(match written.contains(&access.slice) {
                true => {
                    let poly = access.poly.as_ref().ok_or(Refusal::Index)?;
                    let length = lengths.get(&access.slice);
                    Some(Subscripts::of(poly, length).ok_or(Refusal::Index)?)
                }
                false => None,
            });
        }

        // Which loop is which: the first store to an element of a pair says it.
        let stored = (reader.accesses.iter().zip(&places))
            .find(|(access, _)| access.write && access.part != Part::Prefix)
            .and_then(|(_, subscripts)| *subscripts)
            .ok_or(Refusal::Form)?;
        let number = |symbol: Option<Symbol>| vars[..3].iter().position(|&var| Some(var) == symbol);
        let (Some(u), Some(v)) = (number(stored.row.symbol), number(stored.column.symbol)) else {
            return Err(Refusal::Form);
        };
        if u == v {
            return Err(Refusal::Form);
        }
        let r = 3 - u - v;
        let alone = self.pre.is_empty() && self.post.is_empty();
        if (r != 2 && !alone) || (u != 0 && !self.prefix.is_empty()) {
            return Err(Refusal::Form);
        }
        let (u_loop, v_loop, r_loop) = (self.counteds[u], self.counteds[v], self.counteds[r]);
        let mut domain = Domain {
            vars: vars.to_vec(),
            at_least: Vec::new(),
        };
        let mut small = Vec::new();
        let ranges = [outer, middle, inner];
        let shape = shape(reader, ranges, (u, v), &mut domain, &mut small)?;

        check_dependences(&reader.accesses, &places, (vars[u], vars[v]), &domain)?;
        let mut own = HashSet::new();
        let accumulators = self.accumulators(reader, &places, &mut own)?;
        let windows = windows(reader, &places, &lengths, vars)?;
        Ok(Nest {
            u: u_loop,
            v: v_loop,
            r: r_loop,
            shape,
            prefix: self.prefix,
            pre: self.pre,
            body: self.body,
            post: self.post,
            lets: std::mem::take(&mut reader.lets),
            accumulators,
            own,
            windows,
            small,
            assigned: reader.assigned.keys().copied().collect(),
            prefix_loops: self.prefix_loops,
        })
    }

    /// The locals and elements that the body changes and that keep their values from iteration to iteration.
    fn accumulators(
        &self,
        reader: &Reader<'_>,
        places: &[Option<Subscripts>],
        own: &mut HashSet<ExprId>,
    ) -> Result<Vec<Accumulator>, Refusal> {
        let func = reader.func;
        let mut accumulators = Vec::new();
        let changes = |local: &LocalId| {
            reader.assigned.contains_key(local) && !reader.lets.contains_key(local)
        };
        let exposed = |stmts: &[Stmt]| {
            let mut reads = read_first(func, &reader.lets, stmts);
            reads.retain(changes);
            reads
        };
        if !exposed(&self.pre).is_empty() || !exposed(&self.prefix).is_empty() {
            return Err(Refusal::Carried);
        }
        let (in_pre, in_body) = (assigned_locals(&self.pre), assigned_locals(&self.body));
        let mut carried = exposed(&self.body);
        for local in exposed(&self.post) {
            if !carried.contains(&local) {
                carried.push(local);
            }
        }
        for local in carried {
            // What only `pre` assigns would have to be kept for each pair, too.
            if !in_pre.contains(&local) || !in_body.contains(&local) {
                return Err(Refusal::Carried);
            }
            let ty = func.locals[local].ty.as_scalar().ok_or(Refusal::Form)?;
            accumulators.push(Accumulator::Local(local, ty));
        }
        // Elements: all stores of the body to an array must be to that element. What it loads of others is never stored to (`check_dependences`).
        for (access, place) in reader.accesses.iter().zip(places) {
            if !access.write || access.part != Part::Body {
                continue;
            }
            let known = accumulators.iter().any(
                |known| matches!(known, Accumulator::Element(slice, _, _) if *slice == access.slice),
            );
            for (other, at) in reader.accesses.iter().zip(places) {
                if other.part != Part::Body || other.slice != access.slice {
                    continue;
                }
                if at == place {
                    own.insert(other.index);
                } else if other.write {
                    return Err(Refusal::Dependence);
                }
            }
            if !known {
                let elem = func.locals[access.slice].ty.element();
                let ty = elem.and_then(Ty::as_scalar).ok_or(Refusal::Form)?;
                let element = Accumulator::Element(access.slice, access.index, ty);
                accumulators.push(element);
            }
        }
        match accumulators.is_empty() {
            true => Err(Refusal::Form),
            false => Ok(accumulators),
        }
    }
}

/// The locals that statements read before they assign them.
fn read_first(func: &Function, lets: &HashMap<LocalId, ExprId>, stmts: &[Stmt]) -> Vec<LocalId> {
    let mut assigned = HashSet::new();
    let mut reads = Vec::new();
    for stmt in stmts {
        let mut note = |local| {
            if !assigned.contains(&local) && !reads.contains(&local) {
                reads.push(local);
            }
        };
        (stmt.kind).for_each_expr(|expr| mentions(func, lets, expr, &mut note));
        for block in stmt.kind.blocks() {
            for stmt in &block.stmts {
                (stmt.kind).for_each_expr(|expr| mentions(func, lets, expr, &mut note));
            }
        }
        if let StmtKind::Assign { place, .. } = &stmt.kind
            && place.projections.is_empty()
        {
            assigned.insert(place.local);
        }
    }
    reads
}

fn assigned_locals(stmts: &[Stmt]) -> HashSet<LocalId> {
    let places = stmts.iter().filter_map(|stmt| stmt.kind.place());
    let whole = places.filter(|place| place.projections.is_empty());
    whole.map(|place| place.local).collect()
}

/// Calls `visit` with each local that an expression reads, those that stand for expressions taken apart.
pub(super) fn mentions(
    func: &Function,
    lets: &HashMap<LocalId, ExprId>,
    id: ExprId,
    visit: &mut dyn FnMut(LocalId),
) {
    let Some(expr) = func.exprs.get(id) else {
        return;
    };
    if let Some(place) = expr.kind.place() {
        match lets.get(&place.local) {
            Some(&value) if place.projections.is_empty() => mentions(func, lets, value, visit),
            _ => visit(place.local),
        }
    }
    expr.kind
        .for_each_operand(|operand| mentions(func, lets, operand, visit));
}
