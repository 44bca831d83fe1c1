//! Parameters, type parameters and the result.

use super::bounds::Bounds;
use super::diag::Code;
use super::infer::ITy;
use super::state::Lowering;
use crate::arena::Handle;
use crate::hir;
use crate::instance::TypeInfo;
use crate::ty::ScalarTy;

impl Lowering<'_> {
    pub(super) fn lower_signature(&mut self) {
        let signature = &self.current.item.sig;
        let refuse = |this: &mut Self, span, what: &str, help: &str| {
            this.diags.report(
                Code::Signature,
                span,
                format!("{what} cannot be jitted"),
                help,
            );
        };
        for refusal in &signature.refusals {
            self.diags.refuse(refusal);
        }
        if let Some(token) = signature.unsafety {
            refuse(
                self,
                token,
                "`unsafe` functions",
                "remove `unsafe`: a jitted body has no unsafe operations",
            );
        }
        self.lower_generics(false);
        self.n_type_params = self.type_params.len();
        for input in &signature.inputs {
            self.lower_param(input);
        }
        if let Some(ty) = &signature.output {
            match self.lower_ty(ty) {
                Some(result) if self.contains_slice(&result) => {
                    refuse(
                        self,
                        ty.span(),
                        "functions that return slices",
                        "write into a `&mut [T]` parameter",
                    );
                    self.current.result = ITy::REPORTED;
                }
                Some(result) => self.current.result = result,
                // Reported; the body is still looked at, with a result that agrees with everything.
                None => self.current.result = ITy::REPORTED,
            }
        }
    }

    /// Brings the type parameters of the current function into scope. What they stand for takes their place if only the signature matters;
    /// in a body they stay themselves, since methods of traits are not always those of the type.
    pub(super) fn lower_generics(&mut self, signature_only: bool) {
        let generics = &self.current.item.sig.generics;
        let mut type_args = match self.current.context {
            Some(context) => context.instance().type_args.iter(),
            None => [].iter(),
        };
        for param in &generics.params {
            match param {
                // What stands for a closure is no type argument.
                hir::GenericParam::Type(param) if self.fn_bound(param).is_some() => {}
                hir::GenericParam::Type(param) => {
                    let name = param.ident.to_string();
                    let meaning = match type_args.next() {
                        None => self.push_type_param(name.clone(), &param.bounds, None),
                        Some(TypeInfo::Scalar(scalar)) if !signature_only => {
                            self.push_type_param(name.clone(), &param.bounds, Some(*scalar))
                        }
                        Some(other) => ITy::of_info(other).unwrap_or(ITy::REPORTED),
                    };
                    self.current.type_params.push((name, meaning));
                }
                hir::GenericParam::Const(param) => {
                    self.diags.report(
                        Code::Signature,
                        param.const_token,
                        "const parameters cannot be jitted",
                        "pass the number as a `usize` parameter",
                    );
                    self.bind_reported(&param.ident);
                }
            }
        }
        for predicate in &generics.predicates {
            if let hir::Type::Path(path) = &predicate.bounded_ty
                && let Some(ITy::Param(index)) = self.known_ty(&path.path)
                && let Some(bounds) = self.bounds.get_mut(index as usize)
            {
                bounds.add(&predicate.bounds);
            }
        }
    }

    /// A type parameter that is told apart from what it stands for.
    fn push_type_param(
        &mut self,
        name: String,
        bounds: &[hir::Path],
        bound: Option<ScalarTy>,
    ) -> ITy {
        self.type_params.push(name);
        let mut known = Bounds::default();
        known.add(bounds);
        self.bounds.push(known);
        self.infer.bound.push(bound);
        ITy::Param(self.type_params.len() as u32 - 1)
    }

    pub(super) fn contains_slice(&mut self, ty: &ITy) -> bool {
        match self.infer.shallow(ty) {
            ITy::Slice { .. } => true,
            ITy::Tuple(elems) => elems.iter().any(|elem| self.contains_slice(elem)),
            ITy::Ref { .. } => true,
            ITy::Array { elem, .. } => self.contains_slice(&elem),
            ITy::Option(some) => self.contains_slice(&some),
            ITy::Result(ok, err) => self.contains_slice(&ok) || self.contains_slice(&err),
            ITy::Unit
            | ITy::Scalar(_)
            | ITy::Param(_)
            | ITy::Struct(_)
            | ITy::Enum(_)
            | ITy::Ordering
            | ITy::Str
            | ITy::Closure(_)
            | ITy::Fn(_)
            | ITy::Iter(_)
            | ITy::Var(_)
            | ITy::Unknown(_) => false,
        }
    }
}
