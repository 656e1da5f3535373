"""Start the portal: `python app.py` sets a fresh machine up and serves it."""

from app.serve import main

if __name__ == "__main__":
    main()
