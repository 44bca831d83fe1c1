//! What slices and references point to.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::accesses::{Extent, Step};
use super::exchanges::changing_places;
use crate::analysis::effects::{exposed_locals, is_behind_pointer};
use crate::analysis::poly::Poly;
use crate::analysis::prove::Conditions;
use crate::expr::{ExprId, ExprKind, Place};
use crate::func::{Function, LocalId};
use crate::stmt::StmtKind;
use crate::ty::Ty;

/// Memory that shares nothing with other memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Memory {
    /// What a parameter points to when the function is called.
    Param(LocalId),
    /// A local's own.
    Own(LocalId),
    /// A constant table.
    Table(u32),
}

/// Where the way to an access starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// At the start of this memory.
    At(Memory),
    /// Where this local points, which does not change in the loop.
    Behind(LocalId),
    /// Somewhere in one of these. `None`: anywhere.
    Among(Option<BTreeSet<Memory>>),
}

/// What a slice or a reference points to.
#[derive(Clone, Debug)]
pub(super) struct Pointer {
    pub(super) root: Root,
    /// To the array or the value; of a slice the elements are one step further.
    pub(super) steps: Vec<Step>,
    /// Of a slice: the position of its first element. `None`: unknown.
    pub(super) offset: Option<(Poly, Conditions)>,
    /// Where its elements are, as far as that is known; all of them hold.
    pub(super) extents: Vec<Extent>,
}

impl Pointer {
    pub(super) fn to(root: Root) -> Pointer {
        Pointer {
            root,
            steps: Vec::new(),
            offset: Some((Poly::default(), Vec::new())),
            extents: Vec::new(),
        }
    }

    pub(super) fn among(memory: Option<BTreeSet<Memory>>) -> Pointer {
        Pointer {
            offset: None,
            ..Pointer::to(Root::Among(memory))
        }
    }
}

/// What all assignments of a function together say of its pointers.
#[derive(Debug)]
pub(crate) struct PointsTo {
    /// For each local that may point somewhere: what it may point into. `None`: anywhere.
    targets: HashMap<LocalId, Option<BTreeSet<Memory>>>,
    /// How often each local is assigned, as a whole or in part, and what, if that is one expression.
    assignments: HashMap<LocalId, (u32, Option<ExprId>)>,
    /// Locals that stores to memory may change.
    exposed: HashSet<LocalId>,
    /// The variables of counted loops, which no statement assigns: how many loops they are variables of.
    loop_vars: HashMap<LocalId, u32>,
    /// Slices that change places and never point to the same.
    exchanged: HashSet<LocalId>,
}

impl PointsTo {
    pub(crate) fn of(func: &Function) -> PointsTo {
        let mut found = PointsTo {
            targets: HashMap::new(),
            assignments: HashMap::new(),
            exposed: exposed_locals(func),
            loop_vars: HashMap::new(),
            exchanged: changing_places(func),
        };
        for &param in &func.params {
            let ty = func.locals.get(param).map(|local| &local.ty);
            let target = match ty {
                // Pointers behind pointers may point anywhere.
                Some(Ty::Slice { elem: to, .. } | Ty::Ref { to, .. }) if !to.has_refs() => {
                    Some(BTreeSet::from([Memory::Param(param)]))
                }
                _ => None,
            };
            found.targets.insert(param, target);
        }
        let mut copies: Vec<(LocalId, LocalId)> = Vec::new();
        func.body.for_each_stmt(|stmt| {
            if let StmtKind::For(for_loop) = &stmt.kind {
                *found.loop_vars.entry(for_loop.var).or_insert(0) += 1;
            }
            let Some(place) = stmt.kind.place() else {
                return;
            };
            if is_behind_pointer(func, place) {
                return;
            }
            let value = match &stmt.kind {
                StmtKind::Assign { place, value } if place.projections.is_empty() => Some(*value),
                _ => None,
            };
            let entry = found.assignments.entry(place.local).or_insert((0, None));
            entry.0 += 1;
            entry.1 = value;
            let has_refs = (func.locals.get(place.local)).is_none_or(|local| local.ty.has_refs());
            if !has_refs {
                return;
            }
            let source = value.map_or(Source::Anywhere, |value| source_of(func, value));
            let targets = found.targets.entry(place.local);
            let targets = targets.or_insert_with(|| Some(BTreeSet::new()));
            match source {
                Source::Memory(memory) => {
                    if let Some(targets) = targets {
                        targets.insert(memory);
                    }
                }
                Source::Pointer(other) => copies.push((place.local, other)),
                Source::Anywhere => *targets = None,
            }
        });
        // What is copied from others, until nothing changes; each round adds something.
        let mut changed = true;
        while changed {
            changed = false;
            for &(to, from) in &copies {
                let added = found.targets.get(&from).cloned().unwrap_or(None);
                let Some(targets) = found.targets.get_mut(&to) else {
                    continue;
                };
                let merged = match (&*targets, added) {
                    (Some(old), Some(new)) => Some(old.union(&new).copied().collect()),
                    _ => None,
                };
                if *targets != merged {
                    *targets = merged;
                    changed = true;
                }
            }
        }
        found
    }

    /// Whether stores to memory may change a local.
    pub(crate) fn is_exposed(&self, local: LocalId) -> bool {
        self.exposed.contains(&local)
    }

    /// Whether two slices only change places with each other, so that they never point to the same memory.
    pub(super) fn change_places(&self, a: LocalId, b: LocalId) -> bool {
        a != b && self.exchanged.contains(&a) && self.exchanged.contains(&b)
    }

    /// What a local may point into. `None`: anything.
    pub(crate) fn targets(&self, local: LocalId) -> Option<BTreeSet<Memory>> {
        self.targets.get(&local).cloned().unwrap_or(None)
    }

    /// How often a local is assigned in the text.
    pub(super) fn assignments(&self, local: LocalId) -> u32 {
        self.assignments.get(&local).map_or(0, |found| found.0)
    }

    /// How many loops a local is the variable of.
    pub(super) fn loops_over(&self, local: LocalId) -> u32 {
        self.loop_vars.get(&local).copied().unwrap_or(0)
    }

    /// What a local is assigned that nothing else changes. In a loop it may be something else each time.
    pub(super) fn only_value(&self, func: &Function, local: LocalId) -> Option<ExprId> {
        let otherwise = func.params.contains(&local)
            || self.exposed.contains(&local)
            || self.loop_vars.contains_key(&local);
        match *self.assignments.get(&local)? {
            (1, value) if !otherwise => value,
            _ => None,
        }
    }

    /// The value of a local that is assigned once, if it is the same expression wherever the local may be read: it depends on nothing that
    /// changes between the assignment and there. (The assignment comes before each use, and those of the locals in it before that.)
    pub(crate) fn definition(&self, func: &Function, local: LocalId) -> Option<ExprId> {
        if func.params.contains(&local) {
            return None;
        }
        let (1, Some(value)) = *self.assignments.get(&local)? else {
            return None;
        };
        self.is_frozen(func, value).then_some(value)
    }

    fn is_frozen(&self, func: &Function, expr: ExprId) -> bool {
        let Some(expr) = func.exprs.get(expr) else {
            return false;
        };
        let place = match &expr.kind {
            ExprKind::Load(place) | ExprKind::Len(place) => Some(place),
            ExprKind::Borrow(place) | ExprKind::SubSlice { base: place, .. } => Some(place),
            _ => None,
        };
        if let Some(place) = place {
            let most = u32::from(!func.params.contains(&place.local));
            // Of an array it is where it is that counts.
            let moves = !matches!(func.locals[place.local].ty, Ty::Array { .. });
            let changes = self.assignments(place.local) > most
                || self.exposed.contains(&place.local)
                || self.loop_vars.contains_key(&place.local);
            if moves && changes {
                return false;
            }
            let loads = matches!(expr.kind, ExprKind::Load(_));
            if loads && !place.projections.is_empty() || is_through_pointer_twice(func, place) {
                return false;
            }
        }
        let mut all = true;
        expr.kind
            .for_each_operand(|operand| all = all && self.is_frozen(func, operand));
        all
    }
}

/// Whether a place is reached through a pointer that is itself in memory.
fn is_through_pointer_twice(func: &Function, place: &Place) -> bool {
    let mut place = place.clone();
    place.projections.pop();
    let inner = crate::text::place_ty(func, &place);
    let behind = is_behind_pointer(func, &place);
    behind && matches!(inner, Some(Ty::Ref { .. } | Ty::Slice { .. }) | None)
}

enum Source {
    Memory(Memory),
    Pointer(LocalId),
    Anywhere,
}

/// What the value of a pointer is derived from.
fn source_of(func: &Function, value: ExprId) -> Source {
    let Some(expr) = func.exprs.get(value) else {
        return Source::Anywhere;
    };
    match &expr.kind {
        ExprKind::Borrow(place) | ExprKind::SubSlice { base: place, .. } => {
            let Some(local) = func.locals.get(place.local) else {
                return Source::Anywhere;
            };
            let of_slice = matches!(expr.kind, ExprKind::SubSlice { .. })
                && matches!(local.ty, Ty::Slice { .. })
                && place.projections.is_empty();
            match &local.ty {
                // One pointer, and nothing but data behind it.
                Ty::Slice { elem: to, .. } | Ty::Ref { to, .. } if !to.has_refs() => {
                    match of_slice || is_behind_pointer(func, place) {
                        true => Source::Pointer(place.local),
                        false => Source::Memory(Memory::Own(place.local)),
                    }
                }
                ty if !ty.has_refs() => Source::Memory(Memory::Own(place.local)),
                _ => Source::Anywhere,
            }
        }
        ExprKind::Load(place) if place.projections.is_empty() => {
            match func.locals.get(place.local).map(|local| &local.ty) {
                Some(Ty::Slice { .. } | Ty::Ref { .. }) => Source::Pointer(place.local),
                _ => Source::Anywhere,
            }
        }
        ExprKind::Table(table) => Source::Memory(Memory::Table(*table)),
        _ => Source::Anywhere,
    }
}
