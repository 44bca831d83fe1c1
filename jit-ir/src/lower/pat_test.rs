//! Whether a pattern matches: a condition on its [`Subject`].

use super::infer::ITy;
use super::state::Lowering;
use super::subject::{Mode, Subject};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind};
use crate::hir;
use crate::hir::Span;

impl Lowering<'_> {
    pub(super) fn truth(&mut self, value: bool, span: Span) -> ExprId {
        let value = ExprKind::Const(ConstValue::Bool(value));
        self.push_expr(value, ITy::BOOL, span)
    }

    /// `left && right`, where there are both.
    pub(super) fn both(
        &mut self,
        left: Option<ExprId>,
        right: Option<ExprId>,
        span: Span,
    ) -> Option<ExprId> {
        match (left, right) {
            (Some(lhs), Some(rhs)) => Some(self.short_circuit(false, lhs, rhs, span)),
            (one, other) => one.or(other),
        }
    }

    pub(super) fn short_circuit(
        &mut self,
        or: bool,
        lhs: ExprId,
        rhs: ExprId,
        span: Span,
    ) -> ExprId {
        self.push_expr(ExprKind::ShortCircuit { or, lhs, rhs }, ITy::BOOL, span)
    }

    pub(super) fn compare(&mut self, op: BinaryOp, lhs: ExprId, rhs: ExprId, span: Span) -> ExprId {
        let kind = ExprKind::Binary {
            op,
            lhs,
            rhs,
            site: None,
        };
        self.push_expr(kind, ITy::BOOL, span)
    }

    /// Whether the subject matches; `None` if it always does.
    pub(super) fn pattern_test(
        &mut self,
        pat: &hir::Pat,
        subject: &Subject,
        mode: Mode,
    ) -> Option<ExprId> {
        let span = pat.span();
        match pat {
            hir::Pat::Paren(inner) => return self.pattern_test(&inner.pat, subject, mode),
            hir::Pat::Type(typed) => {
                if let Some(ty) = self.lower_ty(&typed.ty) {
                    let found = self.subject_ty(subject);
                    self.expect_ty(&found, &ty, span);
                }
                return self.pattern_test(&typed.pat, subject, mode);
            }
            hir::Pat::Wild(_) | hir::Pat::Rest(_) => return None,
            hir::Pat::Ident(pat) if !self.is_constant_pattern(pat) => {
                let (_, inner) = pat.subpat.as_ref()?;
                return self.pattern_test(inner, subject, mode);
            }
            hir::Pat::Or(or) => {
                let mut tests = Vec::new();
                for case in &or.cases {
                    tests.push(self.pattern_test(case, subject, mode)?);
                }
                return tests
                    .into_iter()
                    .reduce(|lhs, rhs| self.short_circuit(true, lhs, rhs, span));
            }
            hir::Pat::Reference(reference) => {
                if let Some(slice) = self.slice_behind(reference, subject) {
                    return self.test_slice_pattern(slice, subject, Mode::Move, true);
                }
                let ty = self.subject_ty(subject);
                if let ITy::Var(_) = ty {
                    let to = Box::new(self.infer.fresh());
                    let mutable = reference.mutability;
                    self.expect_ty(&ty, &ITy::Ref { to, mutable }, span);
                }
                let Some((subject, _)) = self.subject_behind(subject, span) else {
                    return self.unmatched(pat, subject, "a reference");
                };
                return self.pattern_test(&reference.pat, &subject, Mode::Move);
            }
            hir::Pat::Refused(refusal) => {
                self.diags.refuse(refusal);
                return None;
            }
            _ => {}
        }
        // The other patterns look through references.
        if let Some((subject, mode)) = self.subject_behind(subject, span) {
            return self.pattern_test(pat, &subject, mode);
        }
        self.test_refutable(pat, subject, mode)
    }

    fn test_refutable(&mut self, pat: &hir::Pat, subject: &Subject, mode: Mode) -> Option<ExprId> {
        let span = pat.span();
        match pat {
            hir::Pat::Lit(lit) => {
                let value = self.lower_literal_pattern(&lit.lit);
                Some(self.test_equal(subject, value, span))
            }
            hir::Pat::Expr(expr) => {
                let value = self.lower_operand(expr);
                Some(self.test_equal(subject, value, span))
            }
            hir::Pat::Range(range) => self.test_range(range, subject),
            hir::Pat::Slice(slice) => self.test_slice_pattern(slice, subject, mode, false),
            hir::Pat::Path(path) => self.test_path(path, subject),
            hir::Pat::Ident(pat) => {
                let path = hir::Path {
                    leading_colon: false,
                    segments: vec![hir::PathSegment {
                        ident: pat.ident.clone(),
                        arguments: hir::PathArguments::None,
                    }],
                    span: pat.ident.span,
                };
                let path = hir::ExprPath {
                    qself: None,
                    path,
                    span: pat.span,
                };
                self.test_path(&path, subject)
            }
            _ => {
                let mut test = None;
                let tag = self.variant_test(pat, subject);
                test = self.both(test, tag, span);
                let parts = self.parts(pat, subject)?;
                for (part, subject) in parts {
                    let inner = self.pattern_test(part, &subject, mode);
                    test = self.both(test, inner, span);
                }
                test
            }
        }
    }

    fn test_equal(&mut self, subject: &Subject, value: ExprId, span: Span) -> ExprId {
        let ty = self.subject_ty(subject);
        self.expect_expr(value, &ty);
        let found = self.subject_value(subject, span);
        self.compare(BinaryOp::Eq, found, value, span)
    }

    fn test_range(&mut self, range: &hir::PatRange, subject: &Subject) -> Option<ExprId> {
        let span = range.span;
        let ty = self.subject_ty(subject);
        let mut test = None;
        let upper = match range.limits {
            hir::RangeLimits::HalfOpen(_) => BinaryOp::Lt,
            hir::RangeLimits::Closed(_) => BinaryOp::Le,
        };
        for (bound, op) in [(&range.start, BinaryOp::Ge), (&range.end, upper)] {
            let Some(bound) = bound else { continue };
            let bound = match &**bound {
                hir::Expr::Lit(lit) => self.lower_literal_pattern(&lit.lit),
                bound => self.lower_operand(bound),
            };
            self.expect_expr(bound, &ty);
            let found = self.subject_value(subject, span);
            let holds = self.compare(op, found, bound, span);
            test = self.both(test, Some(holds), span);
        }
        test
    }

    /// A literal in a pattern, where `-1` is one token.
    fn lower_literal_pattern(&mut self, lit: &hir::Lit) -> ExprId {
        let positive = |digits: &str| digits.strip_prefix('-').map(str::to_owned);
        match lit {
            hir::Lit::Int(lit) if lit.digits.starts_with('-') => {
                let mut lit = lit.clone();
                lit.digits = positive(&lit.digits).unwrap_or_default();
                self.lower_literal(&hir::Lit::Int(lit), true)
            }
            hir::Lit::Float(lit) if lit.digits.starts_with('-') => {
                let mut lit = lit.clone();
                lit.digits = positive(&lit.digits).unwrap_or_default();
                self.lower_literal(&hir::Lit::Float(lit), true)
            }
            lit => self.lower_literal(lit, false),
        }
    }

    fn test_path(&mut self, path: &hir::ExprPath, subject: &Subject) -> Option<ExprId> {
        let span = path.span();
        if Self::is_none(&path.path) {
            let ty = self.subject_ty(subject);
            let some = Box::new(self.infer.fresh());
            self.expect_ty(&ty, &ITy::Option(some), span);
            let is_some = self.tag_of(subject, span);
            return Some(self.not(is_some, span));
        }
        let ty = self.subject_ty(subject);
        if let ITy::DataEnum(info) = ty {
            return self.test_unit_variant(path, &info, subject);
        }
        let value = match self.unit_variant(path, &ty) {
            Some(value) => value,
            None => self.lower_path(path),
        };
        // A unit struct has one value.
        if let ITy::Struct(_) = self.infer.shallow(&self.ty_of(value)) {
            return None;
        }
        let test = self.test_equal(subject, value, span);
        self.pattern_tests.insert(test.index());
        Some(test)
    }

    pub(super) fn not(&mut self, operand: ExprId, span: Span) -> ExprId {
        let kind = ExprKind::Unary {
            op: crate::expr::UnaryOp::Not,
            operand,
            site: None,
        };
        self.push_expr(kind, ITy::BOOL, span)
    }

    /// Whether an `Option` is `Some`, or a `Result` `Ok`.
    pub(super) fn tag_of(&mut self, subject: &Subject, span: Span) -> ExprId {
        let tag = self.subject_field(subject, 0, ITy::BOOL, span);
        self.subject_value(&tag, span)
    }

    fn variant_test(&mut self, pat: &hir::Pat, subject: &Subject) -> Option<ExprId> {
        let span = pat.span();
        let ty = self.subject_ty(subject);
        if let ITy::DataEnum(info) = &ty {
            let variant = match pat {
                hir::Pat::TupleStruct(pat) => self.variant_named(info, &pat.path.path)?,
                hir::Pat::Struct(pat) => self.variant_named(info, &pat.path.path)?,
                _ => return None,
            };
            return Some(self.is_variant(subject, info, &variant, span));
        }
        if let (hir::Pat::TupleStruct(_) | hir::Pat::Struct(_), ITy::Unknown(_)) = (pat, &ty)
            && self.context_is_open()
        {
            // A variant, perhaps: what is done where it does not match is looked at, too.
            return Some(self.push_expr(ExprKind::Zeroed, ITy::BOOL, span));
        }
        let hir::Pat::TupleStruct(pat) = pat else {
            return None;
        };
        match pat.path.path.segments.last()?.ident.name.as_str() {
            "Some" => {
                let some = Box::new(self.infer.fresh());
                self.expect_ty(&ty, &ITy::Option(some), span);
                Some(self.tag_of(subject, span))
            }
            name @ ("Ok" | "Err") => {
                let (ok, err) = (Box::new(self.infer.fresh()), Box::new(self.infer.fresh()));
                self.expect_ty(&ty, &ITy::Result(ok, err), span);
                let tag = self.tag_of(subject, span);
                Some(if name == "Ok" {
                    tag
                } else {
                    self.not(tag, span)
                })
            }
            _ => None,
        }
    }
}
