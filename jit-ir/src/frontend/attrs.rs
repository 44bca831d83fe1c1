//! Attributes inside a function.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;

use super::diag::Code;
use super::lower::Lowering;

/// Where `#[cfg]` and `#[cfg_attr]` stand, whatever they belong to. Only visits; there is no reason to enable syn's other visitor.
#[derive(Default)]
pub(super) struct Conditions {
    found: Vec<Span>,
}

impl VisitMut for Conditions {
    fn visit_attribute_mut(&mut self, attr: &mut syn::Attribute) {
        let name = attr.path().get_ident().map(|name| name.unraw());
        if name.is_some_and(|name| name == "cfg" || name == "cfg_attr") {
            self.found.push(attr.span());
        }
    }
}

impl Lowering<'_> {
    /// Attributes that could remove code are refused; others do not change what is computed.
    pub(super) fn refuse_conditions(&mut self, conditions: Conditions) {
        for span in conditions.found {
            self.diags.report(
                Code::Attribute,
                span,
                "`#[cfg]` inside a function cannot be captured by `#[jit]`",
                "put the attribute on the function, or use `if cfg!(debug_assertions)`",
            );
        }
    }
}
