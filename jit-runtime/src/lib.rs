//! The runtime of hotloop.
