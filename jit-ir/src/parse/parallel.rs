//! Parallel loops, and what functions say about theirs.

use super::{ParseError, Parser};
use crate::expr::{ExprId, Place};
use crate::parallel::{Parallelism, Schedule};
use crate::stmt::{Parallel, StmtKind};

impl Parser<'_> {
    /// `parallel fn#1 count n work 2usize ..`, if it is there. A local may have the name, too.
    pub(super) fn parse_parallel(
        &mut self,
        result: Option<&Place>,
    ) -> Result<Option<StmtKind>, ParseError> {
        let before = self.cursor.clone();
        if !(self.cursor.eat_word("parallel") && self.cursor.eat_word("fn")) {
            self.cursor = before;
            return Ok(None);
        }
        let function = self.parse_function_number()?;
        self.cursor.expect_word("count")?;
        let count = self.parse_expr()?;
        self.cursor.expect_word("work")?;
        let work = self.parse_expr()?;
        let accumulators = self.parse_values("from")?;
        let identities = self.parse_values("identities")?;
        let captures = self.parse_values("captures")?;
        let combine = if self.cursor.eat_word("combine") {
            self.cursor.expect_word("fn")?;
            Some(self.parse_function_number()?)
        } else {
            None
        };
        let stores = self.cursor.eat_word("stores");
        let plan = self.parse_parallelism()?;
        let result = result.cloned();
        Ok(Some(StmtKind::Parallel(Box::new(Parallel {
            function,
            count,
            work,
            accumulators,
            identities,
            captures,
            combine,
            result,
            stores,
            plan,
        }))))
    }

    fn parse_function_number(&mut self) -> Result<u32, ParseError> {
        self.cursor.expect("#")?;
        self.cursor.number()
    }

    /// `from (a, b)`, if it is there.
    fn parse_values(&mut self, what: &str) -> Result<Vec<ExprId>, ParseError> {
        let mut values = Vec::new();
        if self.cursor.eat_word(what) {
            self.cursor.expect("(")?;
            self.parse_list(&mut values, ")")?;
        }
        Ok(values)
    }

    /// `threads 4 min_len 1000 chunk 64 schedule dynamic`, as much of it as there is.
    pub(super) fn parse_parallelism(&mut self) -> Result<Parallelism, ParseError> {
        let mut plan = Parallelism::AUTO;
        if self.cursor.eat_word("threads") {
            plan.threads = Some(self.cursor.number()?);
        }
        if self.cursor.eat_word("min_len") {
            plan.min_len = Some(self.cursor.number_u64()?);
        }
        if self.cursor.eat_word("chunk") {
            plan.chunk = Some(self.cursor.number_u64()?);
        }
        if self.cursor.eat_word("schedule") {
            let schedule = Schedule::from_name(self.cursor.peek_word());
            plan.schedule = Some(schedule.ok_or_else(|| self.cursor.error("expected a schedule"))?);
            self.cursor.word();
        }
        Ok(plan)
    }
}
