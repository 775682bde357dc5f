"""Where other people's tools hold on: pytest, MLflow, SDV. Each file imports its tool only."""
