//! Which checks of a loop are of indices that are data, and can be made for many iterations at once.

use std::collections::{HashMap, HashSet};

use crate::analysis::affine::Scope;
use crate::analysis::effects::{Effects, exposed_locals, is_behind_pointer};
use crate::expr::{BinaryOp, ExprId, ExprKind, Place, Projection, SiteId};
use crate::func::{Function, LocalId};
use crate::intrinsic::Intrinsic;
use crate::stmt::{Block, StmtKind};
use crate::text::place_ty;
use crate::ty::{ScalarTy, Ty};

/// An index of more operations costs too much to be computed twice.
const MOST_OPERATIONS: usize = 12;

/// A check of an index that is data.
#[derive(Clone, Debug)]
pub(super) struct Indirect {
    pub(super) index: ExprId,
    pub(super) site: SiteId,
    /// What is indexed; its length does not change in the region.
    pub(super) base: Place,
    /// Where the index is computed: the index itself, or what the local in its place was assigned.
    pub(super) root: ExprId,
    pub(super) key: Key,
    /// What is added to that for the index, the same in all iterations.
    pub(super) addends: Vec<ExprId>,
}

/// A number that is small enough if and only if the index is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    /// What it is computed from.
    pub(super) operand: ExprId,
    /// `u32` or `usize`.
    pub(super) ty: ScalarTy,
    /// It is the index only below this number.
    pub(super) limit: Option<u64>,
    /// It takes float arithmetic, which is worth doing once only.
    pub(super) floats: bool,
}

/// Looks at the statements that each iteration runs, in order.
pub(super) struct Finder<'a, 'f> {
    func: &'f Function,
    scope: &'a Scope<'f>,
    effects: &'a Effects,
    exposed: HashSet<LocalId>,
    /// The induction variable that indices may depend on.
    var: LocalId,
    /// How often each local is assigned in an iteration.
    assigned: HashMap<LocalId, usize>,
    /// What locals are, for sure, that are assigned once in an iteration.
    pub(super) defs: HashMap<LocalId, ExprId>,
    pub(super) found: Vec<Indirect>,
}

impl<'a, 'f> Finder<'a, 'f> {
    /// For a part of the region that `scope` is of, which is run for each value of `var`.
    pub(super) fn new(
        func: &'f Function,
        scope: &'a Scope<'f>,
        var: LocalId,
        body: &Block,
    ) -> Self {
        let mut assigned = HashMap::new();
        body.for_each_stmt(|stmt| {
            if let Some(place) = stmt.kind.place()
                && !is_behind_pointer(func, place)
            {
                *assigned.entry(place.local).or_default() += 1;
            }
        });
        Finder {
            func,
            scope,
            effects: scope.effects(),
            exposed: exposed_locals(func),
            var,
            assigned,
            defs: HashMap::new(),
            found: Vec::new(),
        }
    }

    /// Takes in the first statements of a body.
    pub(super) fn walk(&mut self, stmts: &[crate::stmt::Stmt]) {
        for stmt in stmts {
            match &stmt.kind {
                StmtKind::Assign { place, value } => {
                    self.walk_expr(*value);
                    self.walk_place(place);
                    if place.projections.is_empty()
                        && self.assigned.get(&place.local) == Some(&1)
                        && !self.exposed.contains(&place.local)
                        && self.is_fixed(*value)
                    {
                        self.defs.insert(place.local, *value);
                    }
                }
                StmtKind::Eval(value) => self.walk_expr(*value),
                // What is behind the condition may not happen.
                StmtKind::If { cond, .. } => self.walk_expr(*cond),
                StmtKind::For(_)
                | StmtKind::While { .. }
                | StmtKind::Forever { .. }
                | StmtKind::Labeled { .. }
                | StmtKind::Break(_)
                | StmtKind::Continue(_)
                | StmtKind::Return(_)
                | StmtKind::Trap { .. }
                | StmtKind::Call { .. }
                | StmtKind::HostCall { .. }
                | StmtKind::Parallel(_) => {}
            }
        }
    }

    fn walk_expr(&mut self, id: ExprId) {
        let func = self.func;
        let Some(expr) = func.exprs.get(id) else {
            return;
        };
        match &expr.kind {
            ExprKind::ShortCircuit { lhs: always, .. } | ExprKind::Select { cond: always, .. } => {
                self.walk_expr(*always);
            }
            kind => {
                kind.for_each_operand(|operand| self.walk_expr(operand));
                if let Some(place) = kind.place() {
                    self.walk_checks(place);
                }
            }
        }
    }

    fn walk_place(&mut self, place: &Place) {
        place.for_each_index(|index| self.walk_expr(index));
        self.walk_checks(place);
    }

    fn walk_checks(&mut self, place: &Place) {
        let mut base = Place::local(place.local);
        for step in &place.projections {
            if let &Projection::Index {
                index,
                site: Some(site),
            } = step
                && self.has_fixed_length(&base)
                && let Some((root, key, addends)) = self.parts_of(index)
            {
                let base = base.clone();
                self.found.push(Indirect {
                    index,
                    site,
                    base,
                    root,
                    key,
                    addends,
                });
            }
            base.projections.push(step.clone());
        }
    }

    fn has_fixed_length(&self, base: &Place) -> bool {
        match place_ty(self.func, base) {
            Some(Ty::Array { .. }) => true,
            Some(Ty::Slice { .. }) => self.scope.is_stable(base),
            _ => false,
        }
    }

    /// An index that is one number, or the sum of one and of what does not change: `y * width + x as usize`.
    fn parts_of(&self, index: ExprId) -> Option<(ExprId, Key, Vec<ExprId>)> {
        if let Some((root, key)) = self.key_of(index) {
            return Some((root, key, Vec::new()));
        }
        let mut data = None;
        let mut addends = Vec::new();
        let mut open = vec![index];
        while let Some(id) = open.pop() {
            let id = self.resolve(id);
            let ExprKind::Binary {
                op: BinaryOp::Add,
                lhs,
                rhs,
                site: None,
            } = self.func.exprs.get(id)?.kind
            else {
                if self.is_same(id) {
                    addends.push(id);
                } else if data.is_none() {
                    data = Some(self.key_of(id)?);
                } else {
                    return None;
                }
                continue;
            };
            open.extend([lhs, rhs]);
            if open.len() + addends.len() > MOST_OPERATIONS {
                return None;
            }
        }
        data.map(|(root, key)| (root, key, addends))
    }

    /// Whether an expression that reads no memory has the same value in all iterations.
    fn is_same(&self, id: ExprId) -> bool {
        let mut facts = Facts::default();
        self.is_fixed(id)
            && self.learn(id, &mut facts)
            && !facts.loads
            && facts.operations <= MOST_OPERATIONS
            && !self.varies(id)
    }

    fn varies(&self, id: ExprId) -> bool {
        let Some(expr) = self.func.exprs.get(id) else {
            return true;
        };
        let mut varies = match &expr.kind {
            ExprKind::Load(place) => match self.defs.get(&place.local) {
                Some(&def) => self.varies(def),
                None => place.local == self.var || !place.projections.is_empty(),
            },
            _ => false,
        };
        expr.kind
            .for_each_operand(|operand| varies = varies || self.varies(operand));
        varies
    }

    /// What a local is that stands for an expression.
    fn resolve(&self, mut id: ExprId) -> ExprId {
        while let Some(ExprKind::Load(place)) = self.func.exprs.get(id).map(|expr| &expr.kind)
            && place.projections.is_empty()
            && let Some(&def) = self.defs.get(&place.local)
        {
            id = def;
        }
        id
    }

    fn key_of(&self, index: ExprId) -> Option<(ExprId, Key)> {
        let func = self.func;
        let root = self.resolve(index);
        let mut facts = Facts::default();
        if !self.is_fixed(root) || !self.learn(root, &mut facts) {
            return None;
        }
        let whole = Key {
            operand: root,
            ty: ScalarTy::Usize,
            limit: None,
            floats: facts.floats,
        };
        let key = match func.exprs.get(root)?.kind {
            ExprKind::Cast { operand } => {
                let from = func.exprs.get(operand)?.ty.as_scalar()?;
                let narrow = |limit| Key {
                    operand,
                    ty: ScalarTy::U32,
                    limit,
                    ..whole
                };
                match from {
                    // Saturates as the wider cast does.
                    from if from.is_float() => narrow(Some(u64::from(u32::MAX))),
                    from if from.is_signed_int() && from.bits() <= 32 => narrow(Some(1 << 31)),
                    from if from.bits() <= 32 => narrow(None),
                    _ => whole,
                }
            }
            _ => whole,
        };
        let mut facts = Facts::default();
        self.learn(key.operand, &mut facts);
        // Wide casts of floats have branches.
        let is_slow = facts.wide || (key.ty == ScalarTy::Usize && key.floats);
        let is_data = facts.loads || key.floats;
        (!is_slow && is_data && facts.operations <= MOST_OPERATIONS).then_some((root, key))
    }

    /// Whether an expression is quick to compute, does not trap, and has the same value whenever it is computed for an iteration.
    pub(super) fn is_fixed(&self, id: ExprId) -> bool {
        let Some(expr) = self.func.exprs.get(id) else {
            return false;
        };
        let own = match &expr.kind {
            ExprKind::Const(_) => true,
            ExprKind::Load(place) => self.is_fixed_place(place),
            ExprKind::Len(place) => self.has_fixed_length(place),
            ExprKind::Unary { site, .. } => site.is_none(),
            ExprKind::Binary { op, site, .. } => {
                let divides = matches!(op, BinaryOp::Div | BinaryOp::Rem);
                let is_float = expr.ty.as_scalar().is_some_and(ScalarTy::is_float);
                site.is_none() && (!divides || is_float)
            }
            ExprKind::Cast { .. } | ExprKind::Select { .. } | ExprKind::ShortCircuit { .. } => true,
            ExprKind::Call {
                intrinsic, site, ..
            } => {
                site.is_none()
                    && matches!(
                        intrinsic,
                        Intrinsic::Min
                            | Intrinsic::Max
                            | Intrinsic::Abs
                            | Intrinsic::Floor
                            | Intrinsic::Ceil
                            | Intrinsic::Trunc
                            | Intrinsic::WrappingAdd
                            | Intrinsic::WrappingSub
                            | Intrinsic::WrappingMul
                            | Intrinsic::SaturatingSub
                    )
            }
            _ => false,
        };
        let mut fixed = own && expr.ty.as_scalar().is_some_and(|ty| ty.bits() <= 64);
        expr.kind
            .for_each_operand(|operand| fixed = fixed && self.is_fixed(operand));
        fixed
    }

    fn is_fixed_place(&self, place: &Place) -> bool {
        let func = self.func;
        let local = place.local;
        if place.projections.is_empty() {
            if local == self.var || self.defs.contains_key(&local) {
                return true;
            }
            let changes =
                self.effects.vars.contains(&local) || self.effects.assigned.contains(&local);
            let pointed_to = self.exposed.contains(&local) && self.effects.stores();
            return !changes && !pointed_to;
        }
        if self.effects.assigned.contains(&local) || self.effects.vars.contains(&local) {
            return false;
        }
        if !self.effects.stores() {
            return true;
        }
        if !is_behind_pointer(func, place) {
            return !self.exposed.contains(&local);
        }
        let is_param = |local: LocalId| local.index() < func.params.len();
        match &func.locals[local].ty {
            // Nobody stores to what is borrowed.
            Ty::Slice { mutable: false, .. } | Ty::Ref { mutable: false, .. } => is_param(local),
            // Nothing but what is derived from the parameter reaches it.
            Ty::Slice { .. } | Ty::Ref { .. } => {
                let others = |&through: &LocalId| is_param(through) && through != local;
                is_param(local)
                    && !self.effects.calls
                    && self.effects.stored_through.iter().all(others)
            }
            _ => false,
        }
    }

    /// Adds what there is to know of an expression that is fixed.
    fn learn(&self, id: ExprId, facts: &mut Facts) -> bool {
        facts.operations += 1;
        let Some(expr) = self.func.exprs.get(id) else {
            return false;
        };
        if facts.operations > 4 * MOST_OPERATIONS {
            return false;
        }
        let is_float = |id: ExprId| {
            let ty = self.func.exprs.get(id).and_then(|expr| expr.ty.as_scalar());
            ty.is_some_and(ScalarTy::is_float)
        };
        facts.floats |= is_float(id);
        match &expr.kind {
            ExprKind::Load(place) if place.projections.is_empty() => {
                if let Some(&def) = self.defs.get(&place.local) {
                    return self.learn(def, facts);
                }
            }
            ExprKind::Load(place) => place.for_each_index(|_| facts.loads = true),
            ExprKind::Cast { operand } => {
                let bits = expr.ty.as_scalar().map_or(0, ScalarTy::bits);
                facts.wide |= is_float(*operand) && !is_float(id) && bits > 32;
            }
            _ => {}
        }
        let mut known = true;
        expr.kind
            .for_each_operand(|operand| known = known && self.learn(operand, facts));
        known
    }
}

#[derive(Default)]
struct Facts {
    operations: usize,
    /// It reads memory.
    loads: bool,
    /// It computes with floats.
    floats: bool,
    /// It casts a float to an integer of more than 32 bits.
    wide: bool,
}
