//! Trap sites: each of the right kind, none missing.

use super::types::is_scalar_with;
use super::{Rule, Verifier};
use crate::expr::{ExprId, ExprKind, Place, SiteId, UnaryOp};
use crate::func::{MAX_TRAP_OPERANDS, Site, SiteKind};
use crate::intrinsic::Traps;
use crate::span::Span;
use crate::stmt::StmtKind;
use crate::ty::{ScalarTy, Ty};
use crate::walk::for_each_trap;

/// Whether an operation may or must have a site, for the type that it belongs to.
struct Demand<'t> {
    /// Whether it may have one before specialization, when sites of what never traps for this type are still there.
    ever: bool,
    /// Whether it may have one for a scalar type, in a profile that checks overflow.
    may: &'t dyn Fn(ScalarTy) -> bool,
    /// Whether it must have one for a scalar type: it traps in every profile.
    must: &'t dyn Fn(ScalarTy) -> bool,
}

impl Verifier<'_> {
    pub(super) fn check_sites(&mut self) {
        let func = self.func;
        for (id, expr) in func.exprs.iter() {
            let span = func.span_of(id);
            match &expr.kind {
                ExprKind::Unary { op, operand, site } => {
                    let demand = Demand {
                        ever: *op == UnaryOp::Neg,
                        may: &|ty| op.may_trap_for(ty, true),
                        must: &|_| false,
                    };
                    self.check_site(*site, self.ty(*operand), &demand, &SiteKind::Neg, span);
                }
                ExprKind::Binary { op, lhs, site, .. } => {
                    let demand = Demand {
                        ever: op.may_trap(),
                        may: &|ty| op.may_trap_for(ty, true),
                        must: &|ty| op.may_trap_for(ty, false),
                    };
                    let kind = SiteKind::Binary(*op);
                    self.check_site(*site, self.ty(*lhs), &demand, &kind, span);
                }
                ExprKind::Call {
                    intrinsic,
                    args,
                    site,
                } => {
                    let demand = Demand {
                        ever: intrinsic.info().traps != Traps::Never,
                        may: &|ty| intrinsic.may_trap_for(ty, true),
                        must: &|ty| intrinsic.may_trap_for(ty, false),
                    };
                    let ty = match args.first() {
                        Some(&first) if intrinsic.receiver_is_self() => self.ty(first),
                        Some(_) | None => &expr.ty,
                    };
                    let kind = SiteKind::Intrinsic(*intrinsic);
                    self.check_site(*site, ty, &demand, &kind, span);
                }
                ExprKind::NumCast { site, .. } => {
                    self.check_site_kind(*site, &[SiteKind::NumCast], span);
                }
                ExprKind::Load(place) | ExprKind::Len(place) | ExprKind::Borrow(place) => {
                    self.check_place_sites(place, span);
                }
                ExprKind::SubSlice {
                    base,
                    start,
                    end,
                    site,
                } => {
                    self.check_place_sites(base, span);
                    if let Some(site) = site {
                        self.check_sub_slice_site(*site, start.is_some(), end.is_some(), span);
                    }
                }
                ExprKind::Const(_)
                | ExprKind::Named(_)
                | ExprKind::DebugAssertions
                | ExprKind::ShortCircuit { .. }
                | ExprKind::Select { .. }
                | ExprKind::Cast { .. }
                | ExprKind::NumCastFits { .. }
                | ExprKind::Tuple(_)
                | ExprKind::Table(_)
                | ExprKind::Array(_)
                | ExprKind::Repeat(_)
                | ExprKind::Struct(_)
                | ExprKind::Zeroed => {}
            }
        }
        func.body.for_each_stmt(|stmt| {
            if let Some(place) = stmt.kind.place() {
                self.check_place_sites(place, stmt.span);
            }
            if let StmtKind::Trap { site, operands } = &stmt.kind {
                self.check_trap(*site, operands, stmt.span);
            }
        });
        for_each_trap(func, |site, operands, span| {
            let declared = &func.sites[site].operands;
            if !declared.is_empty() && operands.is_some_and(|operands| operands != *declared) {
                let message = format!("site {} has other operands", site.index());
                self.error(Rule::Sites, span, message);
            }
        });
    }

    /// A trap that is a statement: its operands are what its kind says, and what its site says.
    fn check_trap(&mut self, site: SiteId, operands: &[ExprId], span: Span) {
        let Site {
            kind,
            operands: declared,
            ..
        } = &self.func.sites[site];
        let count = match kind {
            // How many dimensions an array has is not said.
            SiteKind::Panic | SiteKind::Array(_) => None,
            SiteKind::StepBy | SiteKind::TryFrom | SiteKind::TryFromSlice => Some(0),
            SiteKind::Index => Some(2),
            SiteKind::SubSlice(_) => Some(3),
            SiteKind::Length(check) => Some(check.operand_count()),
            SiteKind::Binary(_) | SiteKind::Neg | SiteKind::Intrinsic(_) | SiteKind::NumCast => {
                let message = format!("site {} is of another kind", site.index());
                return self.error(Rule::Sites, span, message);
            }
        };
        if operands.len() > MAX_TRAP_OPERANDS {
            let message = format!("a trap with more than {MAX_TRAP_OPERANDS} operands");
            self.error(Rule::Sites, span, message);
        }
        match count {
            Some(count) => {
                if operands.len() != count {
                    let message = format!("a trap with {} operands of {count}", operands.len());
                    self.error(Rule::Sites, span, message);
                }
                for &operand in operands {
                    self.expect_operand(operand, &Ty::USIZE, "an operand of a trap", span);
                }
            }
            None => {
                for &operand in operands {
                    if !is_scalar_with(self.ty(operand), |_| true) {
                        let ty = self.name_of(self.ty(operand));
                        let message = format!("an operand of a trap has type `{ty}`");
                        self.error(Rule::Sites, span, message);
                    }
                }
                if declared.is_empty() && !operands.is_empty() {
                    let message = format!("site {} does not name its operands", site.index());
                    self.error(Rule::Sites, span, message);
                }
            }
        }
    }

    fn check_sub_slice_site(&mut self, site: SiteId, start: bool, end: bool, span: Span) {
        let good = match &self.func.sites[site].kind {
            SiteKind::SubSlice(bounds) => bounds.written() == (start, end),
            _ => false,
        };
        if !good {
            let message = format!("site {} is of another kind", site.index());
            self.error(Rule::Sites, span, message);
        }
    }

    fn check_place_sites(&mut self, place: &Place, span: Span) {
        place.for_each_site(|site| self.check_site_kind(site, &[SiteKind::Index], span));
    }

    fn check_site(
        &mut self,
        site: Option<SiteId>,
        ty: &Ty,
        demand: &Demand<'_>,
        kind: &SiteKind,
        span: Span,
    ) {
        let Some(site) = site else {
            // `must` of a type parameter: of some type that it may stand for.
            let needed = match ty {
                Ty::Param(_) => ScalarTy::ALL.into_iter().any(demand.must),
                ty => is_scalar_with(ty, demand.must),
            };
            if needed {
                let message = "what traps in every profile has no site";
                self.error(Rule::Sites, span, message);
            }
            return;
        };
        if !demand.ever || (self.specialized && !is_scalar_with(ty, demand.may)) {
            self.error(Rule::Sites, span, "what cannot trap has a site");
        }
        self.check_site_kind(site, std::slice::from_ref(kind), span);
    }

    fn check_site_kind(&mut self, site: SiteId, kinds: &[SiteKind], span: Span) {
        if !kinds.contains(&self.func.sites[site].kind) {
            let message = format!("site {} is of another kind", site.index());
            self.error(Rule::Sites, span, message);
        }
    }
}
