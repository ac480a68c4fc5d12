#!/bin/bash
# Workers as an array of jobs: sbatch deploy/slurm.sh. Each takes submissions until its time is over.
# ~/.nst-queue has one line, the queue's address, and can be read by you alone.
#SBATCH --job-name=nst-worker
#SBATCH --array=1-10
#SBATCH --cpus-per-task=4
#SBATCH --mem=24G
#SBATCH --time=04:00:00
# Twenty minutes before the end it is asked to finish what it has in hand. The signal goes to the shell, whose place the
# worker takes.
#SBATCH --signal=B:TERM@1200
cd /srv/nst || exit 1
NST_QUEUE=$(cat ~/.nst-queue)
export NST_QUEUE
exec .venv/bin/nst worker --jobs "$SLURM_CPUS_PER_TASK"
