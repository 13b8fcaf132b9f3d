"""The assistant as an operator starts it: process by process, watched and started again, on ports of its own."""
